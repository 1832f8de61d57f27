import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_ROLE_CLOSED/policy': {
      message: 'The worker has not opened a policy yet',
      next: 'Call open() first.',
    },
    DDA_TRAINER_LOST: {
      message: 'The worker of the trainer died at policy version {version}, and {last}.{words}',
      next: 'Run the same command again: it continues from the last checkpoint.',
    },
    'DDA_WORKER_FAILED/plans': {
      message: 'The Python worker of trainer-torch ended a request without all of its plans',
      next: 'Run with --debug and report what the log says.',
    },
    'DDA_WORKER_PROTOCOL/torch': {
      message: 'dda_torch speaks protocol {speaks}, this side {wanted}',
      next: 'Install @dda-thinker/trainer-torch again: its two halves are of different versions.',
    },
    'DDA_WORKER_DIED/trainer': {
      message: '{message}',
      next: '{advice} Then run the same command again: it continues from the last checkpoint.',
    },
    'DDA_CHECKPOINT_CORRUPT/torch': {
      message: 'the checkpoint {folder} is damaged: {problem}',
      next: 'Resume from an earlier checkpoint, or start afresh.',
    },
    'DDA_CHECKPOINT_MISMATCH/torch': {
      message: 'the checkpoint {folder} is {what}',
      next: 'Resume with the model, `lora`, `critic`, `freezeVision` and `advantage` of the run that made it.',
    },
    'DDA_CHECKPOINT_MISMATCH/variable': {
      message:
        'the checkpoint {folder} is of the model that the environment variable {variable} names, and it is not set',
      next: 'Set it to the name or the folder of the model that the run was trained from.',
    },
    'DDA_CHECKPOINT_MISMATCH/version': {
      message: 'the checkpoint {folder} is of another version of the trainer, which {difference}',
      next: 'Continue it with the version that made it, or start a new run; to begin from what it has learned, export the old run with that version and name the export as the model.',
    },
    'DDA_CHECKPOINT_MISMATCH/weights': {
      message: 'the checkpoint {folder} is of another model',
      next: 'Name the model it was trained from.',
    },
    'DDA_CONFIG_INVALID/lora-targets': {
      message: 'no linear layer of the model is called {targets}',
      next: 'Correct `lora.targets`, or use ["all-linear"].',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/torch-device': {
      message: 'the device {device} is not there{many}: PyTorch {version} sees {count} CUDA device{s} here',
      next: 'Correct `device` and `processes`, or leave them out: CUDA is taken where there is some. Where there is a GPU, look at its driver (nvidia-smi).',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/torch-option': {
      message: '{place} {problem}',
      next: 'Correct the options of the trainer.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/checkpointing': {
      message: 'the layers of {model} cannot compute their activations again',
      next: 'Set `gradientCheckpointing: false`.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/vllm-vision': {
      message:
        '`rollout.engine` vllm would write plans without the adapters of the vision tower, which it does not apply',
      next: 'Set `freezeVision: true`, or set `rollout.engine` to native.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/vllm': {
      message: '`rollout.engine` vllm works with `lora`, pretrained weights and one process',
      next: 'Set `lora`, or set `rollout.engine` to native.',
      exit: 'usage',
    },
    DDA_CUDA_ERROR: {
      message: 'the device failed: {why}',
      next: 'Run the same command again; it continues from the last checkpoint. If it happens again, check the driver and the device.',
    },
    'DDA_CUDA_MEMORY/device': {
      message: 'out of memory: {why}',
      next: 'Lower `rollout.concurrency`, `microBatchTokens` or `maxPixels`, or use `lora`.',
    },
    'DDA_CUDA_MEMORY/pass': {
      message: 'out of memory with a single plan of {count} tokens in a pass: {why}',
      next: 'Lower `maxPixels` or `maxPlan`, use `lora`, or a machine with more memory.',
    },
    'DDA_CUDA_MEMORY/shared': {
      message: 'out of memory in process {rank} of {world}, whose weights the others wait for: {why}',
      next: 'Lower `microBatchTokens`, `maxPixels` or `maxPlan`, or share among more processes; the same command continues from the last checkpoint.',
    },
    'DDA_CUDA_MEMORY/plan': {
      message: 'out of memory while a single plan is written',
      next: 'Lower `maxPixels`, `maxPrompt` or `maxPlan`, or use a machine with more memory.',
    },
    DDA_DISK_ERROR: {
      message: 'writing failed: {why}',
      next: 'Check that the folder can be written to.',
    },
    'DDA_DISK_FULL/checkpoint': {
      message: 'the disk is full: {why}',
      next: 'Make room and run the same command again; it continues from the last whole checkpoint.',
    },
    'DDA_GRADIENT_NOT_FINITE/torch': {
      message: 'the norm of the gradient is {norm}',
      next: "Lower the learning rate or the temperature's distance from 1, and resume from the last checkpoint.",
    },
    'DDA_IMAGE_INVALID/sample': {
      message: 'sample {sample} has the image {image}, which cannot be read: {why}',
      next: 'Check that the file is a whole PNG, JPEG or WebP picture.',
    },
    DDA_IMAGE_PLACEHOLDERS: {
      message: 'sample {sample} has {count} image(s) and its prompt {placeholders} placeholder(s)',
      next: "Use the chat template that belongs to the model, and no placeholders in the prompt's own text.",
    },
    'DDA_MODEL_NOT_FOUND/torch': {
      message: 'the model {name} cannot be loaded: {why}',
      next: 'Check the name or the folder, and the network or HF_TOKEN where the model has to be downloaded.',
    },
    'DDA_MODEL_NOT_FOUND/torch-folder': {
      message: 'there is no folder {name}',
      next: 'Check the name of the folder in `model`.',
    },
    DDA_MODEL_TEXT_ONLY: {
      message: 'sample {sample} has {count} image(s) and the model reads text only',
      next: 'Name an image-text-to-text model, for example Qwen/Qwen3-VL-8B-Instruct.',
    },
    'DDA_MODEL_UNSUPPORTED/chat-template': {
      message: 'the model has no chat template',
      next: 'Use an instruction-tuned model, or put a chat_template.jinja into its folder.',
      exit: 'usage',
    },
    'DDA_MODEL_UNSUPPORTED/end-of-sequence': {
      message: 'the tokenizer of the model has no end-of-sequence token',
      next: 'Use an instruction-tuned model.',
      exit: 'usage',
    },
    'DDA_MODEL_UNSUPPORTED/head': {
      message: 'the logits of {model} are not its head applied to its last states',
      next: 'Use a model of another family, for example Qwen2.5-VL or Qwen3-VL.',
      exit: 'usage',
    },
    'DDA_MODEL_UNSUPPORTED/torch': {
      message: 'the model {name} cannot be used: {why}',
      next: 'Name an image-text-to-text or causal language model that this version of transformers knows.',
      exit: 'usage',
    },
    'DDA_MODEL_UNSUPPORTED/torch-package': {
      message: 'the model {name} needs a package that is not here: {why}',
      next: 'Install it into the environment of the worker: {executable} -m pip install ...',
      exit: 'usage',
    },
    DDA_PROMPT_TOO_LONG: {
      message: 'sample {sample} makes a prompt of {count} tokens, more than {most}',
      next: 'Lower `maxPixels` or raise `maxPrompt`; prompts are never cut, because that would tear images apart.',
    },
    'DDA_ROLE_CLOSED/trainer': {
      message: 'the trainer is used before it is opened',
      next: 'Send `open` first.',
    },
    'DDA_TRAINER_INPUT/demonstration': {
      message: 'the demonstration of sample {sample} {problem}',
      next: 'Shorten or clean the demonstration, or raise `maxPlan`.',
    },
    'DDA_TRAINER_INPUT/frozen': {
      message: 'a frozen policy cannot {method}',
      next: 'Open it as a trainer.',
    },
    'DDA_TRAINER_INPUT/method': {
      message: 'there is no method {method}',
      next: 'Use a method of PROTOCOL.md.',
    },
    'DDA_TRAINER_INPUT/no-rows': {
      message: 'the update has no rows',
      next: 'Send at least one scored plan.',
    },
    'DDA_TRAINER_INPUT/none-to-imitate': {
      message: 'there are no demonstrations to imitate',
      next: 'Send at least one.',
    },
    'DDA_TRAINER_INPUT/probe': {
      message: 'there is no probe {name}',
      next: 'Use a method of TrainerProbe.',
    },
    'DDA_TRAINER_INPUT/reserved-token': {
      message: "sample {sample} has the model's reserved token {reserved} in its instruction",
      next: 'Take it out: the model would read it as structure, not as text.',
    },
    'DDA_TRAINER_RATIO/torch': {
      message:
        'plans of the policy as it is are scored {distance} nats a token away from their traces, ratio up to {ratio}: before the first step it must be 1',
      next: 'Suspects: a temperature in the trace other than that of sampling, a hook or a cache that changed plans, penalties or another model in the engine that wrote them, dropout, weights that changed without a new version.',
    },
    'DDA_VLLM_FAILED/ended': {
      message: 'vLLM ended with status {status} before it was ready',
      next: "See vLLM's own messages on standard error, or set `rollout.engine` to native.",
    },
    'DDA_VLLM_FAILED/lacks': {
      message: "vLLM's answer lacks {why}; version 0.11 or newer is needed",
      next: "See vLLM's own messages on standard error, or set `rollout.engine` to native.",
    },
    'DDA_VLLM_FAILED/refused': {
      message: 'vLLM refused {path} with {status}: {detail}',
      next: "See vLLM's own messages on standard error, or set `rollout.engine` to native.",
    },
    'DDA_VLLM_FAILED/silent': {
      message: 'vLLM does not answer {path}: {why}',
      next: "See vLLM's own messages on standard error, or set `rollout.engine` to native.",
    },
    'DDA_VLLM_FAILED/slow': {
      message: 'vLLM was not ready after {seconds} seconds',
      next: "See vLLM's own messages on standard error, or set `rollout.engine` to native.",
    },
    'DDA_VLLM_FAILED/tokens': {
      message: 'vLLM read {count} prompt tokens where the trainer reads {wanted}, or others',
      next: 'Use the same model folder and picture limits on both sides, or set `rollout.engine` to native.',
    },
    DDA_VLLM_MISSING: {
      message: '`rollout.engine` is vllm and there is no command vllm',
      next: 'Install vLLM so that `vllm` is on the PATH, or set `rollout.engine` to native.',
    },
  },
  { page: ERRORS_PAGE },
)
