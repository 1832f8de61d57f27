import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_ABORTED: {
      message: 'the update was stopped; the policy is as it was before',
      next: 'Run the same command again to continue.',
      exit: 'interrupted',
    },
    'DDA_CHECKPOINT_CORRUPT/onnx': {
      message: 'the checkpoint is damaged: {path}: {problem}',
      next: 'Resume from the checkpoint before it; remove this one.',
    },
    DDA_CHECKPOINT_MISMATCH: {
      message: 'the checkpoint {folder} was saved with another {difference}',
      next: 'Continue with the config that the run was started with, or start a new run.',
    },
    'DDA_CHECKPOINT_MISMATCH/onnx-version': {
      message: 'the checkpoint {path} is of another version of the trainer, which {difference}',
      next: 'Continue it with the version that made it, or start a new run; to begin from what it has learned, export the old run with that version and give the export as `weights`.',
    },
    DDA_GRADIENT_NOT_FINITE: {
      message: "the gradient's norm is {norm}",
      next: 'Lower the learning rate, or resume from an earlier checkpoint; the weights were not changed.',
    },
    'DDA_GRID_SHAPE/array': {
      message: '{name} has {count} numbers, the batch has {size} tokens',
      next: 'Pass {rows} rows of {columns} tokens, padded.',
    },
    'DDA_GRID_SHAPE/matrices': {
      message: 'expected {rows} rows of {columns} numbers',
      next: 'Give all matrices the shape of the mask.',
    },
    DDA_OPTIMIZER_STATE: {
      message: 'the optimiser state has {first} and {second} numbers, the policy has {weights} weights',
      next: 'Load the checkpoint with the policy settings that it was saved with.',
    },
    DDA_SAFETENSORS_INVALID: {
      message: 'not a readable safetensors file: {problem}',
      next: 'Restore the file from where it came.',
    },
    'DDA_TRAINER_INPUT/cells': {
      message: 'a picture has {count} cells, of {names} names so far',
      next: 'Name all {wanted} cells of each picture, with at most {most} different names.',
    },
    'DDA_TRAINER_INPUT/no-demonstrations': {
      message: 'there are no demonstrations to imitate',
      next: 'Pass at least one, for example from samples that have a `demonstration`.',
    },
    'DDA_TRAINER_OPTIONS/markup': {
      message: 'the vocabulary does not know the markup {missing}',
      next: 'Set `tags` to names that the vocabulary has, or build a vocabulary with these tags.',
      exit: 'usage',
    },
    'DDA_TRAINER_OPTIONS/width': {
      message: 'width {width} is not a multiple of heads {heads}',
      next: 'Choose a width that the number of heads divides.',
      exit: 'usage',
    },
    DDA_TRAINER_RATIO: {
      message:
        'plans of the policy as it is are scored {distance} nats a token away from their traces, ratio up to {ratio}: before the first step it must be 1',
      next: 'Suspects: a temperature in the trace other than that of sampling, a hook or a cache that changed plans, weights that changed without a new version, an execution provider that computes otherwise.',
    },
    'DDA_TRAINER_WORKER/ended': {
      message: '{problem}',
      next: 'Run the same command again to resume from the last checkpoint; report the cause if it happens twice.',
    },
    'DDA_TRAINER_WORKER/not-started': {
      message: 'the worker was asked for work before it was started',
      next: 'Open the trainer before using it.',
    },
    'DDA_VOCABULARY_INVALID/file': {
      message: 'the vocabulary {path} is damaged: {why}',
      next: 'Restore the file, or build it again with buildVocabulary.',
    },
    'DDA_VOCABULARY_INVALID/pieces': {
      message: '{problem}',
      next: 'Build the vocabulary again with buildVocabulary.',
    },
    DDA_VOCABULARY_MISSING: {
      message: 'cannot read the vocabulary {path}',
      next: 'Set `vocabulary` to a file made by buildVocabulary, or remove it to use the one that ships with the plugin.',
    },
    DDA_WEIGHTS_MISMATCH: {
      message: 'weights: {name} should be [{shape}] and is {found}',
      next: 'Use the policy settings and the vocabulary that the weights were made with, or start from other weights.',
    },
    'DDA_WEIGHTS_MISMATCH/large': {
      message: 'the weights {path} are not those of a policy of this trainer: {why}',
      next: 'Give weights that trainer-onnx wrote; large models are trained with trainer-torch.',
    },
    'DDA_WEIGHTS_MISSING/base': {
      message: 'there are no weights at {path}',
      next: 'Make them with `npm run warm-start`, or set `weights: random`.',
    },
    'DDA_WEIGHTS_MISSING/file': {
      message: 'there are no weights at {path}',
      next: "Set `weights` to 'base', 'random', a .safetensors file, or the folder of a checkpoint or an export.",
    },
    DDA_TRAINER_PROMPT_LONG: {
      message: 'the instruction of sample {sample} has {count} tokens, the policy reads {most}',
      next: 'Raise policy.maxPrompt, or build a vocabulary that knows the words of these instructions.',
    },
    DDA_TRAINER_IMAGES: {
      message: 'sample {sample} has {count} images, the embedded policy reads one',
      next: 'Use samples with one source image, or another trainer.',
    },
    DDA_TRAINER_PLAN_LONG: {
      message: 'the demonstration of sample {sample} has {count} tokens, a plan has at most {most}',
      next: 'Raise policy.maxPlan, or shorten the demonstration.',
    },
    DDA_TRAINER_PLAN_CHARACTERS: {
      message: 'the demonstration of sample {sample} has characters that the vocabulary cannot write',
      next: 'Write plans with the letters, digits and punctuation of the vocabulary.',
    },
    'DDA_TRAINER_WORKER/defect': {
      message: '{message}',
      next: 'This is a defect of the embedded trainer; report it with the stack of this error.',
    },
  },
  { page: ERRORS_PAGE },
)
