import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_PROMPTS/file': {
      message: '{path} cannot be read: {why}',
      next: 'Write the prompt as text into this file, or take the file away to use the one that the benchmark brings.',
    },
    'DDA_BENCHMARK_PROMPTS/folder': {
      message: 'the folder of prompts {folder} cannot be read',
    },
    'DDA_BENCHMARK_PROMPTS/name': {
      message: '{path} replaces no prompt',
      next: 'Prompts are named {names}.',
    },
    'DDA_BENCHMARK_RESULTS/answer': {
      message: '{where}: {key} is neither text, nor a number, nor null',
    },
    'DDA_BENCHMARK_RESULTS/missing': {
      message: 'there is no {results}',
      next: 'Give the folder of results of one model.',
    },
    'DDA_BENCHMARK_RESULTS/no-answers': {
      message: '{where}: expected an object of answers by question',
    },
    'DDA_BENCHMARK_RESULTS/no-object': {
      message: '{file} has no object of answers by item',
    },
    'DDA_BENCHMARK_RESULTS/which-file': {
      message: "{results} {what} file of the judge's answers",
      next: 'Give the file itself: {answersFile} of a run, or the .pkl of the official script.',
    },
    'DDA_BENCHMARK_DATA/not-json': {
      message: '{file} is not JSON: {why}',
    },
    'DDA_BENCHMARK_DATA/unreadable': {
      message: '{file} cannot be read: {why}',
      next: 'Check the path.',
    },
    'DDA_BENCHMARK_RESULTS/not-json': {
      message: '{file} is not JSON: {why}',
    },
    'DDA_BENCHMARK_RESULTS/unreadable': {
      message: '{file} cannot be read: {why}',
      next: 'Check the path.',
    },
    'DDA_BENCHMARK_RESULTS/pickle': {
      message: '{file} cannot be read as a pickle of plain data: {why}',
    },
    'DDA_BENCHMARK_DATA/entry': {
      message: '{where} is not an object',
    },
    'DDA_BENCHMARK_DATA/text': {
      message: '{where}: {key} is not text',
    },
    'DDA_BENCHMARK_DATA/key': {
      message: '{where} has no {key}',
    },
    'DDA_BENCHMARK_DATA/outside': {
      message: '{where}: the path {path} leaves the folder of the data',
    },
  },
  { page: ERRORS_PAGE },
)
