import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_CONFIG_INVALID/determinism': {
      message: 'determinism: bitwise cannot be promised with batch: {batch}',
      next: 'Set batch: 1, or determinism: visual: in a batch the last bits depend on the neighbours.',
      exit: 'usage',
    },
    'DDA_EDITOR_BAD_OUTPUT/pipe': {
      message: 'The picture that came through the pipe is not the one that was sent',
      next: 'Install @dda-thinker/editor-diffusers again: its two halves do not fit.',
    },
    DDA_EDITOR_CHANGED: {
      message: 'The model was {before} and is {now} in another process',
      next: 'Leave the folder of a model alone while a run uses it; start the run anew.',
    },
    DDA_EDITOR_ENVIRONMENT: {
      message: 'There is no Python environment with the packages that diffusers needs',
      next: 'Run `dda editor install diffusers` once (about 6 GB), or name an interpreter that has them with `python`.',
    },
    'DDA_ROLE_CLOSED/at-work': {
      message: 'The Editor was closed while it worked',
    },
  },
  { page: ERRORS_PAGE },
)
