import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CURATOR_BAND: {
      message: 'min{name} {minimum} is above max{name} {maximum}: no sample can be kept',
      next: 'Swap the two options of curator-difficulty.',
    },
  },
  { page: ERRORS_PAGE },
)
