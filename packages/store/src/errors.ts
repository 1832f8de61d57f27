import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_DATA_CHANGED: {
      message: '{file} was written over while it was read',
      next: 'Run the same command again.',
    },
    DDA_DATA_CORRUPT: {
      message: 'Line {line} of {path} is not JSON',
      next: 'Restore the file, or make it again with the command that wrote it.',
    },
    'DDA_DATA_CORRUPT/packed': {
      message: '{path} is damaged at byte {at}: what is packed there cannot be read',
      next: 'Restore the file from a copy; what stands before that place can be had by `gunzip`.',
    },
    'DDA_DATA_CORRUPT/shape': {
      message: 'Line {line} of {path} is not what stands there: {problem}',
      next: 'Restore the file, or make it again with the command that wrote it.',
    },
    DDA_DISK_FULL: {
      message: 'The disk is full: could not {action} {path}',
      next: 'Free some space and run the same command again; it continues from what is recorded.',
    },
    DDA_FILE_SYSTEM: {
      message: 'Could not {action} {path}: {why}',
      next: 'Check that the path exists and may be written, then run the same command again.',
    },
    'DDA_FILE_SYSTEM/irregular': {
      message: '{path} is no file but {kind}',
      next: 'Put the file there that belongs there, or a link to it, then run the same command again.',
    },
    DDA_REPLAY_MISS: {
      message: 'Nothing is recorded for the call with key {key}',
      next: 'Run once without --replay with the same config and data, or undo the change that altered the call.',
    },
    DDA_STORE_CORRUPT: {
      message: 'The content of {path} is not what its name says',
      next: 'Delete that file and run the same command again; a picture that can be made again will be.',
    },
    'DDA_STORE_MISSING/lost': {
      message: 'Picture {hash} is not in the store at {dir}',
      next: 'Make the data again with `dda synthesize`, or restore the store folder.',
    },
    'DDA_STORE_MISSING/not-a-hash': {
      message: '"{hash}" is not the hash of a picture',
      next: 'Use image references that the store returned.',
    },
  },
  { page: ERRORS_PAGE },
)
