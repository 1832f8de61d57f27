import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_ENGINE_DATA_PLACEHOLDER: {
      message: 'The text for sample {sample} says {placeholder}, which {engine} takes for a picture',
      next: 'Change the instruction: the engine counts pictures by that word, and would stop or mix them up.',
      exit: 'usage',
    },
    DDA_ENGINE_DATA_EMPTY: {
      message: 'There is no training sample to write for {engine}',
      next: 'Synthesise or import samples whose split is `train` first.',
      exit: 'usage',
    },
    DDA_ENGINE_DATA_PROMPT: {
      message: 'The user message {user} has no place for the instruction',
      next: 'Write {instruction} in curly brackets where the instruction of the sample belongs.',
      exit: 'usage',
    },
    DDA_ENGINE_DATA_STOPPED: {
      message: 'The export was stopped; what was there before is untouched',
      next: 'Run the same command again.',
      exit: 'interrupted',
    },
    DDA_ENGINE_DATA_WRITE: {
      message: '{file} cannot be written: {why}',
      next: 'Name a folder with room and leave to write.',
    },
  },
  { page: ERRORS_PAGE },
)
