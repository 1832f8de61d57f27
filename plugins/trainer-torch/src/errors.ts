import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_ROLE_CLOSED/policy': {
      message: 'The worker has not opened a policy yet',
      next: 'Call open() first.',
    },
    DDA_TRAINER_LOST: {
      message: 'The worker of the trainer died at policy version {version}, and {last}.{words}',
      next: 'Run the same command again: it continues from the last checkpoint.',
    },
    'DDA_WORKER_FAILED/plans': {
      message: 'The Python worker of trainer-torch ended a request without all of its plans',
      next: 'Run with --debug and report what the log says.',
    },
    'DDA_WORKER_PROTOCOL/torch': {
      message: 'dda_torch speaks protocol {speaks}, this side {wanted}',
      next: 'Install @dda-thinker/trainer-torch again: its two halves are of different versions.',
    },
    'DDA_WORKER_DIED/trainer': {
      message: '{message}',
      next: '{advice} Then run the same command again: it continues from the last checkpoint.',
    },
  },
  { page: ERRORS_PAGE },
)
