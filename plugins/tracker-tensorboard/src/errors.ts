import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_TENSORBOARD_WRITE: {
      message: 'The TensorBoard events from step {step} on could not be written to {path}',
      next: 'Check that the folder may be written and that the disk is not full; the run itself is not harmed, and metrics.jsonl has the same steps.',
    },
  },
  { page: ERRORS_PAGE },
)
