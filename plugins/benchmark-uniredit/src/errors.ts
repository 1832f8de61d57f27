import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_DATA/uniredit-idx': {
      message: '{where}: the idx {idx} is no name of a file',
    },
    'DDA_BENCHMARK_DATA/uniredit-list': {
      message: '{file} is not a list of items',
      next: 'Give the folder of UniREditBench’s data, or its data.json.',
    },
    'DDA_BENCHMARK_DATA/uniredit-name': {
      message: '{where}: the name {name} is no name of a folder',
    },
    'DDA_BENCHMARK_DATA/uniredit-twice': {
      message: '{where}: another is {id} too',
    },
  },
  { page: ERRORS_PAGE },
)
