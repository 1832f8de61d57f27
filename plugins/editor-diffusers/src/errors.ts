import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_CONFIG_INVALID/determinism': {
      message: 'determinism: bitwise cannot be promised with batch: {batch}',
      next: 'Set batch: 1, or determinism: visual: in a batch the last bits depend on the neighbours.',
      exit: 'usage',
    },
    'DDA_EDITOR_BAD_OUTPUT/pipe': {
      message: 'The picture that came through the pipe is not the one that was sent',
      next: 'Install @dda-thinker/editor-diffusers again: its two halves do not fit.',
    },
    DDA_EDITOR_CHANGED: {
      message: 'The model was {before} and is {now} in another process',
      next: 'Leave the folder of a model alone while a run uses it; start the run anew.',
    },
    DDA_EDITOR_ENVIRONMENT: {
      message: 'There is no Python environment with the packages that diffusers needs',
      next: 'Run `dda editor install diffusers` once (about 6 GB), or name an interpreter that has them with `python`.',
    },
    'DDA_ROLE_CLOSED/at-work': {
      message: 'The Editor was closed while it worked',
    },
    'DDA_CONFIG_INVALID/diffusers-device': {
      message: 'the device {device} is not there: PyTorch {version} sees {count} CUDA device{s} here',
      next: 'Correct `device`, or leave it out: CUDA is taken where there is some. Where there is a GPU, look at its driver (nvidia-smi).',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/diffusers-dtype': {
      message: '{name} works with weights of {only} alone, not of {dtype}',
      next: 'Say `dtype: {only}`, or leave `dtype` out.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/max-images': {
      message: '{name} does not take {most} pictures: {why}',
      next: 'Lower `maxImages`, or use a pipeline that takes several, such as QwenImageEditPlusPipeline.',
      exit: 'usage',
    },
    'DDA_CUDA_MEMORY/diffusers': {
      message: 'out of memory: {what}: {why}',
      next: 'Use `offload: model` or `sequential`, `dtype: bfloat16`, lower `pixels` and `batch`, or a smaller model.',
    },
    DDA_EDITOR_CLOSED: {
      message: 'the worker has no pipeline',
      next: 'Send `open` first.',
    },
    'DDA_EDITOR_FAILED/edit': {
      message: '{name} failed: {why}',
      next: 'Check `params` against the documentation of the pipeline; with --debug the log holds the traceback.',
    },
    'DDA_EDITOR_FAILED/settings': {
      message: '{name} cannot edit with these settings: {why}',
      next: 'Check `params` against the documentation of the pipeline; with --debug the log holds the traceback.',
    },
    'DDA_EDITOR_PARAM/diffusers': {
      message: '{why}{end} It takes: {accepted}',
      next: "Correct `params`: its names are those of the pipeline's own call.",
    },
    'DDA_EDITOR_PIPELINE/no-edit': {
      message: '{whose} {pipeline}, which does not make a picture from a picture and a text',
      next: 'Name a pipeline that edits, and a model for it, such as {others}.',
    },
    'DDA_EDITOR_PIPELINE/pictures': {
      message: '{name} gave {got} for {count} edit{s}, not one picture for each',
      next: 'Use a pipeline that makes one picture from a picture and a text.',
    },
    'DDA_EDITOR_PIPELINE/unknown': {
      message: 'diffusers {version} has no pipeline {name}; it has {near}',
      next: 'Correct `pipeline`, or leave it out: the model names its own.',
    },
    'DDA_EDITOR_PROMPT/tokens': {
      message: 'the plan has {length} tokens; {name} reads {room} and would drop the rest',
      next: 'Have the Thinker write shorter plans (`maxPlan`), or accept the loss with `cutPlans: true`.',
    },
    DDA_EDITOR_REFUSED: {
      message: 'the safety checker of the pipeline flagged the edit and blacked it out',
      next: 'Leave such samples out, or use a model without a safety checker.',
    },
    'DDA_IMAGE_INVALID/source': {
      message: 'the source picture {hash} {why}',
      next: 'Use a whole PNG, JPEG or WebP picture.',
    },
    'DDA_MODEL_NOT_FOUND/diffusers-folder': {
      message: 'the folder {name} {what}',
      next: 'Name a folder as `save_pretrained` of a pipeline writes it, or a model on the hub (owner/name).',
    },
    'DDA_MODEL_NOT_FOUND/hub': {
      message: 'the model {name}{revision} cannot be fetched: {why}',
      next: 'Check the name (owner/name of the hub, or ./folder), the network, and HF_TOKEN where the model is gated.',
    },
    'DDA_MODEL_UNSUPPORTED/diffusers-package': {
      message: '{pipeline} needs a package that is not here: {why}',
      next: 'Install it into the environment of the worker: {executable} -m pip install ...',
      exit: 'usage',
    },
    'DDA_MODEL_UNSUPPORTED/index': {
      message: '{index} of {model} names no pipeline',
      next: 'Name its class with `pipeline`, or use a model that diffusers wrote.',
      exit: 'usage',
    },
    'DDA_MODEL_UNSUPPORTED/load': {
      message: '{pipeline} cannot be loaded from {model}: {why}',
      next: "Check that the model is made for this pipeline, whole, and has the `variant`; leave `pipeline` out to use the model's own.",
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
