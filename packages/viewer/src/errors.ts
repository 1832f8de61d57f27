import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_VIEW_ANSWER: {
      message: 'the answers cannot be taken: {problem}',
      next: 'Open the page again; the run may have been written anew since.',
    },
    DDA_VIEW_ANSWER_LOST: {
      message: 'the answers of {run} cannot be kept: {why}',
      next: 'Looking needs no writing, but annotations.jsonl in the folder of the run does: make it writable, and answer again.',
    },
    DDA_VIEW_APP: {
      message: 'The page of the viewer is not in its package ({folder})',
      next: 'In a checkout, run `npm run build`; else install @dda-thinker/viewer again.',
    },
    DDA_VIEW_EXPORT: {
      message: 'The view cannot be written to {target}: {why}',
      next: 'Name a new folder, or a file that ends in .html, on a disk with space.',
    },
    'DDA_VIEW_EXPORT/large': {
      message: 'The view would be {size} MB, and browsers open no file of more than {most} MB',
      next: 'Name a folder in place of a file, or fewer runs.',
    },
    DDA_VIEW_PICTURE: {
      message: 'there is no picture of this hash',
      next: 'Pictures are in the store of the data; one that was removed can be made again by the same command.',
    },
    DDA_VIEW_REQUEST: {
      message: 'the request cannot be understood: {problem}',
      next: 'Open the page again; it may be of another version than the server.',
    },
    DDA_VIEW_RUN: {
      message: 'there is no run {name} here',
      next: 'The list of runs shows those that this viewer was opened with.',
    },
  },
  { page: ERRORS_PAGE },
)
