import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_STORE_MISSING/fake': {
      message: 'no picture {hash} is stored',
      next: 'Store it with put() first.',
    },
  },
  { page: ERRORS_PAGE },
)
