import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CALIBRATION_INVALID: {
      message: 'Line {line} of {file} is no question of a calibration set: {problem}',
      next: 'Correct or remove the line, or write the set again with `dda annotate <run> --calibration <file>`.',
      exit: 'usage',
    },
    'DDA_CALIBRATION_INVALID/twice': {
      message: 'Lines {first} and {line} of {file} are both item {item} of rollout {rollout}',
      next: 'Remove one of the two: each question counts once.',
      exit: 'usage',
    },
    'DDA_CALIBRATION_INVALID/picture': {
      message: 'Line {line} of {file} shows picture {hash}, which cannot be had: {why}',
      next: 'Use the set in the project whose people answered it, or copy the pictures of that project’s store; a set without the line works too.',
      exit: 'usage',
    },
    'DDA_CALIBRATION_MISSING/empty': {
      message: '{file} has no question',
      next: 'Write it with `dda annotate <run> --calibration <file>`, once people have answered.',
      exit: 'usage',
    },
    DDA_CALIBRATION_MISSING: {
      message: 'The calibration set {file} cannot be read: {why}',
      next: 'Give the path of a file that `dda annotate <run> --calibration <file>` wrote.',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
