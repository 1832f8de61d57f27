import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_DATA/kris-annotations': {
      message: '{file} is not an object of annotations by id',
    },
    'DDA_BENCHMARK_DATA/kris-folders': {
      message: '{data} has none of the folders of KRIS-Bench',
      next: 'Give the folder that holds {folders} and so on, each with its annotation.json.',
    },
    'DDA_BENCHMARK_DATA/kris-id': {
      message: '{where}: the id is no name of a file',
    },
    'DDA_BENCHMARK_DATA/kris-instruction': {
      message: '{where} has no ins_en',
    },
    'DDA_BENCHMARK_DATA/kris-picture': {
      message: '{where} has no ori_img',
    },
    'DDA_BENCHMARK_DATA/kris-unreadable': {
      message: '{data} cannot be read',
      next: 'Give the folder KRIS_Bench of the data.',
    },
    'DDA_BENCHMARK_RESULTS/kris-files': {
      message: '{results} has neither {answersFile} nor any <folder>/metrics.json',
      next: 'Give the folder of results of one model.',
    },
    'DDA_BENCHMARK_RESULTS/kris-item': {
      message: '{file}: {id} is not an object',
    },
    'DDA_BENCHMARK_RESULTS/kris-number': {
      message: '{where} is {value}, not a number',
    },
    'DDA_BENCHMARK_RESULTS/kris-scores': {
      message: '{file} is not an object of scores by id',
    },
  },
  { page: ERRORS_PAGE },
)
