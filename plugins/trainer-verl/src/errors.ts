import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_CONFIG_INVALID/verl': {
      message: 'verl would not do what the configuration asks: {problems}',
      next: 'Correct each, or take a trainer that does it: torch, trl, onnx.',
      exit: 'usage',
    },
    'DDA_CHECKPOINT_CORRUPT/verl': {
      message: '{folder} leads to no checkpoint of verl: {why}',
      next: 'Look whether `trainer.storage` is mounted; or continue from an older checkpoint of the run.',
    },
    DDA_VERL_JOB: {
      message: 'the job of verl {how} in step {step}. Its last words:\n{said}',
      next: 'Read what it says; the same command continues from the last checkpoint.',
    },
    DDA_VERL_LAUNCH: {
      message: 'the job of verl cannot be started: {why}',
      next: 'Check `trainer.ray.address` (the dashboard of the cluster) or `trainer.python`, and that verl is installed there.',
    },
    DDA_VERL_LEFT: {
      message: 'a job of verl that this run began may still be at work, and cannot be ended from here: {why}',
      next: 'End it where it runs ({job}), remove {file}, and give the same command again: two would write the same checkpoints.',
    },
    DDA_VERL_SLOW: {
      message: 'verl has not ended step {step} within {seconds} s',
      next: 'Look at the log of the job; raise `trainer.deadline.step` where steps take that long.',
    },
    DDA_VERL_THINKER: {
      message: 'trainer-verl trains on a cluster and writes no plans here',
      next: 'Name the folder `export` of the run as `model` of `thinker: use: torch`, or serve it and use chat; then `dda eval --thinker thinker`.',
      exit: 'usage',
    },
    DDA_VERL_CHECKPOINT: {
      message: 'verl has written no checkpoint of step {step} in {folder}',
      next: 'Look whether the cluster writes to the same `trainer.storage` as this machine reads.',
    },
  },
  { page: ERRORS_PAGE },
)
