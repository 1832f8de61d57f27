import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_DATA/grade-consistency': {
      message: '{where}: consistency is {kind}, expected overall, style or none',
    },
    'DDA_BENCHMARK_DATA/grade-list': {
      message: '{file} is not a list of items',
      next: 'Give the folder of GRADE’s data, or its result.json.',
    },
    'DDA_BENCHMARK_DATA/grade-questions': {
      message: '{where}: questions is no list of questions with a score each',
    },
    'DDA_BENCHMARK_DATA/grade-task': {
      message: '{where}: the task_id {id} is no name of a file',
    },
    'DDA_BENCHMARK_DATA/grade-twice': {
      message: '{where}: another is {id} too',
    },
    'DDA_BENCHMARK_RESULTS/grade-entry': {
      message: '{file}: entry {number} names no task',
    },
    'DDA_BENCHMARK_RESULTS/grade-list': {
      message: '{file} is not a list',
      next: 'Give the folder of results of one model, with the files that the official scripts gathered.',
    },
  },
  { page: ERRORS_PAGE },
)
