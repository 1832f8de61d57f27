import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_EDITOR_PROMPT/only-reserved': {
      message: 'Nothing of the plan is left without its reserved tokens',
      next: 'Give the Thinker a strict plan format, which counts such plans as malformed.',
    },
  },
  { page: ERRORS_PAGE },
)
