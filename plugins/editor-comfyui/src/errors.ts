import { endpointErrors } from '@dda-thinker/endpoints'
import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_EDITOR_EMPTY/gone': {
      message: 'The picture {file} is gone from {url}',
      next: 'See what clears the output folder of the server while edits run.',
    },
    'DDA_EDITOR_EMPTY/no-picture': {
      message: 'The job gave no picture{where}',
      next: 'Check that the workflow ends in a node that saves the picture (SaveImage or PreviewImage).',
    },
    DDA_EDITOR_EXECUTION: {
      message: 'The workflow failed: {text}',
      next: 'Run the workflow by hand with the same inputs and look at the log of the server.',
    },
    'DDA_EDITOR_GRAPH/server': {
      message: 'The server refuses the workflow: {said}',
      next: 'Install the model files and custom nodes that the workflow uses on every server.',
    },
    'DDA_EDITOR_GRAPH/slots': {
      message: 'The server refuses the workflow: {said}',
      next: 'Compare the slots with what these nodes take.',
    },
    DDA_EDITOR_INTERRUPTED: {
      message: 'Somebody else interrupted the job',
      next: 'See who else uses the server.',
    },
    DDA_EDITOR_JOB_LOST: {
      message: '{url} no longer knows the job',
      next: 'See whether the server was started anew, or whether somebody cleared its queue or history.',
    },
    DDA_EDITOR_OUTPUT: {
      message: 'The job gave {count} pictures, at node {ids}',
      next: 'Name the node of the result with the option output, and have the workflow make one picture.',
    },
    'DDA_EDITOR_SLOT/savers': {
      message: '{file} saves pictures at the nodes {savers}',
      next: 'Name the one that is the result with the option output.',
    },
    'DDA_EDITOR_SLOT/twice': {
      message: '{path} is to be filled twice',
      next: 'Give every slot and every one of params a place of its own.',
    },
    'DDA_EDITOR_WORKFLOW/no-output': {
      message: 'No node of {file} gives a picture; it has {nodes}',
      next: 'End the workflow in SaveImage, or name the node of the result with the option output.',
    },
    'DDA_EDITOR_WORKFLOW/unreadable': {
      message: 'The workflow cannot be read: {why}',
      next: 'Give the path relative to the config file, and export the workflow with "Export (API)" in ComfyUI.',
    },
    'DDA_ENDPOINT_JSON/comfyui': {
      message: '{url}/{route} answered with {what}',
      next: 'Check that the URL is that of a ComfyUI server, and look at its log and at any proxy before it.',
    },
    'DDA_ENDPOINT_MODELS_DIFFER/versions': {
      message: 'The servers are of different versions: {first} {firstVersion}, {other} {otherVersion}',
      next: 'Install the same versions everywhere: edits are spread over all servers.',
    },
    'DDA_ENDPOINT_REFUSED/edit': {
      message: 'The edit was refused: {text}',
      next: 'The provider refuses this content; leave the sample out or choose another provider.',
    },
    'DDA_ENDPOINT_TIMEOUT/job': {
      message: '{url} did not finish the job in {seconds} s',
      next: 'Raise timeoutSeconds, lower perEndpoint, or look for what keeps the server busy.',
    },
    'DDA_EDITOR_WORKFLOW/not-json': {
      message: '{file} is not JSON: {why}',
      next: 'Save the workflow with "Export (API)" in ComfyUI.',
    },
    'DDA_EDITOR_WORKFLOW/empty': {
      message: '{file} holds no workflow',
      next: 'Save the workflow with "Export (API)" in ComfyUI.',
    },
    'DDA_EDITOR_WORKFLOW/canvas': {
      message: '{file} is a workflow as the canvas saves it, not in API format',
      next: 'Save the workflow with "Export (API)" in ComfyUI.',
    },
    'DDA_EDITOR_WORKFLOW/not-api': {
      message: '{file} is not in API format: {problem}',
      next: 'Save the workflow with "Export (API)" in ComfyUI.',
    },
    'DDA_EDITOR_SLOT/output': {
      message: 'output: {file} has no node {node}',
      next: 'It has: {nodes}.',
    },
    'DDA_EDITOR_SLOT/node': {
      message: '{path}: {file} has no node {node}',
      next: 'It has: {nodes}.',
    },
    'DDA_EDITOR_SLOT/input': {
      message: '{path}: node {node} ({type}) has no input {input}',
      next: 'It has: {inputs}.',
    },
    'DDA_EDITOR_SLOT/linked': {
      message: '{path} gets its value {from}',
      next: 'Name the input where the value is written down as text or number.',
    },
  },
  { page: ERRORS_PAGE },
)

/** The same errors, as failed calls over the wire. */
export const callErrors = endpointErrors(errors)
