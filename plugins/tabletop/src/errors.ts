import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_JUDGE_INPUT: {
      message: 'A tabletop sample has one source picture, not {count}.',
      next: 'Use this judge with samples of synthesizer-tabletop.',
    },
    'DDA_JUDGE_SCOPE/tabletop': {
      message: 'This judge does not answer {scope} items.',
      next: 'Add "{scope}" to its option "scopes".',
    },
  },
  { page: ERRORS_PAGE },
)
