import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_FEED/input': {
      message: "input '{name}' {problem}",
      next: 'Feed every input of the graph with an array of its type and length.',
    },
    'DDA_FEED/output': {
      message: "the array for output '{name}' {problem}",
      next: 'Give it an array of its own, of the type and length of the output.',
    },
    'DDA_FEED/unknown': {
      message: "the model has no {what} '{name}'; it has {known}",
      next: 'Use the names that the graph declares.',
    },
    DDA_GRAPH: {
      message: '{problem}',
      next: 'This is a mistake in the code that builds the graph.',
    },
    'DDA_GRAPH_DTYPE/element': {
      message: '{value} cannot be an element of type {dtype}',
      next: 'Use whole numbers, or ask for float32.',
    },
    'DDA_GRAPH_DTYPE/float': {
      message: '{op}: {operand} is not float32',
      next: 'cast() the operand to float32.',
    },
    'DDA_GRAPH_DTYPE/mixed': {
      message: '{op}: {left} with {right}',
      next: 'cast() one operand so that both have the same element type.',
    },
    DDA_GRAPH_NAME: {
      message: "the name '{name}' is taken or reserved",
      next: 'Choose another name; those like t12 and c7 belong to the builder.',
    },
    'DDA_GRAPH_NO_GRADIENT/blocked': {
      message: '{op} of {tensor} has no gradient',
      next: 'Wrap the operand in detach() if no gradient is meant to flow through it.',
    },
    'DDA_GRAPH_NO_GRADIENT/unrelated': {
      message: 'the loss does not depend on {tensor}',
      next: "Leave it out of the list, or pass { unused: 'zero' } if that is meant.",
    },
    DDA_GRAPH_SHAPE: {
      message: '{op} {shapes}: {reason}',
      next: 'Check the shapes given to this operation where the graph is built.',
    },
    DDA_GRAPH_UNSAFE_OP: {
      message: '{op} in this form is unsafe in ONNX Runtime',
      next: 'Use ScatterElements, or transpose explicitly.',
    },
    DDA_ORT_MISSING: {
      message: 'onnxruntime-node cannot be loaded, and what is to run here runs on it',
      next: 'Install it with `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@~1.30.0` (Linux x64/arm64, macOS arm64, Windows x64/arm64); the variable leaves out the CUDA download, which fails without a network. Of judge-onnx, SSIM and PSNR do without: leave its `models` out.',
    },
    DDA_PROVIDER_UNAVAILABLE: {
      message: "execution provider '{provider}' does not work here; available: {working}",
      next: 'Set the provider to one of: {working}.{hint}',
    },
    DDA_RUN: {
      message: 'ONNX Runtime failed: {why}',
      next: 'The cause has the message of the runtime; it names the operator.',
    },
    'DDA_SESSION/model': {
      message: 'ONNX Runtime refuses the model: {why}',
      next: 'Check the graph and the session options; the cause has the message of the runtime.',
    },
    'DDA_SESSION/released': {
      message: 'the session has been released',
      next: 'Create it again before running.',
    },
    'DDA_SESSION/tensors': {
      message: "'{name}' of the model is not a tensor",
      next: 'Use tensors only.',
    },
  },
  { page: ERRORS_PAGE },
)
