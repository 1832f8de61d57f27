import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_JUDGE_LOW_MASS: {
      message: 'Yes and no have {percent} % of the probability; {least} % are asked for',
      next: 'The model wants to say something else: turn its thinking off, lower minMass, or use score: verdict.',
    },
    DDA_JUDGE_NO_LOGPROBS: {
      message: 'The server gave no log-probabilities',
      next: 'Use score: verdict, or a server and model that give top_logprobs.',
    },
    'DDA_JUDGE_OPTIONS/endpoints': {
      message: 'judge-vlm: give either endpoint or endpoints',
      next: 'Write endpoint for one server, endpoints for replicas.',
    },
    'DDA_JUDGE_OPTIONS/ask': {
      message: 'judge-vlm: soft scores are read from one answer at a time',
      next: 'Leave ask out, or set it to item.',
    },
    'DDA_JUDGE_OPTIONS/temperature': {
      message: 'judge-vlm: at temperature 0 all {samples} samples would be the same',
      next: 'Raise temperature, for example to 0.7.',
    },
    'DDA_JUDGE_UNPARSABLE/blanks': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'It wrote white space until the limit, as weak models do inside a JSON grammar: start vLLM with --structured-outputs-config \'{"backend":"xgrammar","disable_any_whitespace":true}\', or use score: logprobs.',
    },
    'DDA_JUDGE_UNPARSABLE/cut': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'Raise maxTokens{limit}, or turn reasons off.',
    },
    'DDA_JUDGE_UNPARSABLE/thinking': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'Set answerAfter: </think>, or turn its thinking off.',
    },
    'DDA_JUDGE_UNPARSABLE/logprobs': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'Use a server that gives top_logprobs as logarithms, or score: verdict.',
    },
    'DDA_JUDGE_UNPARSABLE/guided-json': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'vLLM from 0.12 on ignores guided_json silently: use structured: structured_outputs.',
    },
    'DDA_JUDGE_UNPARSABLE/no-schema': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'The server does not hold the model to the schema: try another way (structured), or use a stronger model.',
    },
    'DDA_JUDGE_UNPARSABLE/other': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'Ask item by item (ask: item), or use a stronger model.',
    },
  },
  { page: ERRORS_PAGE },
)
