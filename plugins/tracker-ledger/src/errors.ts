import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_LEDGER_WRITE: {
      message: 'The ledger could not be written to {path}',
      next: 'Check that the run directory may be written and that the disk is not full; the run itself is not harmed.',
    },
  },
  { page: ERRORS_PAGE },
)
