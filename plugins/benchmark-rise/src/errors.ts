import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_DATA/rise-category': {
      message: '{where}: category is {category}, expected {known}',
    },
    'DDA_BENCHMARK_DATA/rise-files': {
      message: 'there is no {files} in {data}',
      next: 'Give the folder of RISE-Bench’s data, or the JSON file that lists the items.',
    },
    'DDA_BENCHMARK_DATA/rise-index': {
      message: '{where}: the index {id} is no name of a file',
    },
    'DDA_BENCHMARK_DATA/rise-list': {
      message: '{file} is not a list of items',
    },
    'DDA_BENCHMARK_DATA/rise-twice': {
      message: '{file}: item {number}: another has the index {id} too',
    },
  },
  { page: ERRORS_PAGE },
)
