import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_CONFIG_INVALID/trainer': {
      message: 'trainer: {problems}',
      next: 'Take out what has no effect or is not supported, or change what it depends on.',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
