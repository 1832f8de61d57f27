import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_CONFIG_INVALID/trl': {
      message: 'TRL would not do what the configuration asks: {problems}',
      next: 'Correct each, or take a trainer that does it: onnx, torch.',
      exit: 'usage',
    },
    'DDA_CHECKPOINT_CORRUPT/trl': {
      message: '{folder} holds no checkpoint of trainer-trl: {why}',
      next: 'Continue from an older checkpoint of the run.',
    },
    DDA_TRL_ENVIRONMENT: {
      message: '{python} cannot run TRL: {why}',
      next: 'Install `trl>=1.16` and, from a checkout of DDA-Thinker, `./python/dda-reward` there, or name another interpreter with `trainer.python`.',
      exit: 'usage',
    },
    DDA_TRL_FAILED: {
      message: 'TRL ended in step {step}: {why}',
      next: 'Read what it says; run with --debug for its traceback. The same command continues from the last checkpoint.',
    },
  },
  { page: ERRORS_PAGE },
)
