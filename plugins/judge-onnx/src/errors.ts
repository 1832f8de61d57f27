import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_JUDGE_CHECK/item': {
      message: 'The check{which} cannot be made: {problem}',
      next: 'Correct it where the checklist is made; docs/plugins/judge-onnx.md lists the kinds and their fields.',
    },
    'DDA_JUDGE_CHECK/kind': {
      message: 'A {kind} check cannot be made: {problem}',
      next: 'Correct the check where the checklist is made; docs/plugins/judge-onnx.md says what each kind needs.',
    },
    DDA_JUDGE_EMBEDDING: {
      message: 'Model "{model}" gave an embedding without a direction',
      next: 'Look at the picture and at `output` of the model: all of its values are 0.',
    },
    'DDA_JUDGE_MODEL/file': {
      message: 'Model "{name}" cannot be read from {file}',
      next: "Set models.{name}.file to an ONNX file; a relative path is taken from the config's folder.",
    },
    'DDA_JUDGE_MODEL/use': {
      message: 'Model "{name}" ({file}) {problem}',
      next: 'Set `input`, `output`, `size` and `layout` of the model as it was exported, or export it again.',
    },
    DDA_JUDGE_ONNX_OPTIONS: {
      message: 'judge-onnx: {problem}',
      next: 'Correct the block of the config; docs/plugins/judge-onnx.md lists its options.',
    },
    'DDA_JUDGE_SCOPE/onnx': {
      message: 'This judge was asked a {scope} question',
      next: 'Add a judge for plans, for example judge-vlm.',
    },
    'DDA_JUDGE_WORKER/ended': {
      message: 'The computing thread of judge-onnx has ended',
      next: 'Look at the cause: a model that takes more memory than there is ends it; try fewer threads or a smaller model.',
    },
    'DDA_JUDGE_WORKER/defect': {
      message: '{message}',
      next: 'This is a defect of judge-onnx; report it with the stack of this error.',
    },
  },
  { page: ERRORS_PAGE },
)
