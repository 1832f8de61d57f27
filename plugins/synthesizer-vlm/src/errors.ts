import { endpointErrors } from '@dda-thinker/endpoints'
import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_SYNTHESIS_BENCHMARK: {
      message: '{file}: {problem}',
      next: 'Name the official file or folder of the benchmark (data_total.json of RISE, KRIS_Bench of KRIS).',
    },
    DDA_SYNTHESIS_NO_PICTURE: {
      message: 'The answer of the generator holds no picture',
      next: 'Check that the model behind the endpoint draws pictures from text.',
    },
    DDA_SYNTHESIS_OPTIONS: { message: 'synthesizer-vlm: {problem}', next: '{next}', exit: 'usage' },
    DDA_SYNTHESIS_PICTURES: {
      message: '{file}: {problem}',
      next: 'Name a folder with .png, .jpg, .jpeg or .webp files, relative to the config.',
    },
    DDA_SYNTHESIS_PROMPTS: {
      message: '{file}: {problem}',
      next: 'Copy the prompts folder of the plugin and change those files; names and words in braces stay.',
    },
    DDA_SYNTHESIS_TAXONOMY: {
      message: '{file}: {problem}',
      next: 'Write a list of entries with category, subtask and definition, as in the taxonomy.yaml of the plugin.',
    },
  },
  { page: ERRORS_PAGE },
)

/** The same errors, as failed calls over the wire. */
export const callErrors = endpointErrors(errors)
