import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_THINKER_OPTIONS/endpoints': {
      message: 'thinker-chat: give either endpoint or endpoints',
      next: 'Write endpoint for one server, endpoints for replicas.',
    },
    'DDA_THINKER_OPTIONS/tags': {
      message: 'thinker-chat: both tags have the same name',
      next: 'Give tags.reasoning another name.',
    },
  },
  { page: ERRORS_PAGE },
)
