import { endpointErrors } from '@dda-thinker/endpoints'
import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_AI_SDK_PROVIDER/missing': {
      message: 'The provider {provider} cannot be found from {from}',
      next: 'Install it in the project: npm install {install}',
    },
    'DDA_AI_SDK_PROVIDER/broken': {
      message: 'The provider {provider} cannot be loaded: {why}',
      next: 'Install it anew; providers of AI SDK 6 have the major version 3 (npm install {install}).',
    },
    'DDA_AI_SDK_PROVIDER/create': {
      message: 'The package {provider} has {found} that could make the provider',
      next: 'Name the export in `create`.',
    },
    'DDA_AI_SDK_PROVIDER/made': {
      message: 'The provider {provider} cannot be made: {why}',
      next: 'Compare options with what the documentation of the provider asks for.',
    },
    'DDA_AI_SDK_PROVIDER/method': {
      message: 'The provider {provider} has no {method}, so it makes no {what}',
      next: 'Choose a provider with such models, or name another of its methods in `method`.',
    },
    DDA_AI_SDK_MODEL: {
      message: 'The provider {provider} gives no model {model}: {why}',
      next: 'Correct model; providers of AI SDK 6 have the major version 3.',
    },
    'DDA_AI_SDK_OPTIONS/secret': {
      message: 'ai-sdk: options.{name} holds a key',
      next: 'Keys do not belong into a config: write apiKeyEnv, or { env: NAME } in its place.',
    },
    'DDA_AI_SDK_OPTIONS/tags': {
      message: 'ai-sdk: both tags have the same name',
      next: 'Give tags.reasoning another name.',
    },
    'DDA_AI_SDK_OPTIONS/temperature': {
      message: 'ai-sdk: at temperature 0 all {samples} samples would be the same',
      next: 'Raise temperature, for example to 0.7.',
    },
    DDA_AI_SDK_IGNORED: {
      message: '{service} ignored {what}: {detail}',
      next: 'Choose a model of the provider that edits pictures.',
    },
    'DDA_ENDPOINT_KEY_MISSING/ai-sdk': {
      message: '{service} has no key: {why}',
      next: 'Export the variable that it names, or name another one in apiKeyEnv.',
    },
    'DDA_ENDPOINT_TIMEOUT/ai-sdk': {
      message: '{service} gave no answer in {seconds} s',
      next: 'Raise timeoutSeconds, or lower perEndpoint.',
    },
    'DDA_ENDPOINT_CONNECTION/ai-sdk': {
      message: 'No connection to {service}: {why}',
      next: 'Check the network, the proxy and options.baseURL.',
    },
    'DDA_ENDPOINT_REFUSED/ai-sdk': {
      message: '{service} refused: {why}',
      next: 'The provider refuses this content; leave the sample out or choose another provider.',
    },
    'DDA_ENDPOINT_REJECTED/ai-sdk': {
      message: '{service} cannot do what it was asked for: {why}',
      next: 'Compare model, size and providerOptions with the documentation of the provider.',
    },
    'DDA_ENDPOINT_SERVER/ai-sdk': {
      message: '{service} failed: {why}',
      next: 'Look at the status page of the provider.',
    },
    'DDA_ENDPOINT_JSON/ai-sdk': {
      message: '{service} gave an answer that its provider package cannot read: {why}',
      next: 'Update the provider package, and check that options.baseURL leads to what it speaks with.',
    },
    'DDA_EDITOR_EMPTY/ai-sdk': {
      message: '{service} gave no picture',
      next: 'Check that the model edits images.',
    },
    'DDA_EDITOR_REWROTE_PLAN/ai-sdk': {
      message: 'The provider edited by a text of its own instead of the plan',
      next: 'Choose a model that takes prompts as they are, or accept it with allowRewriting.',
    },
    'DDA_CHAT_REFUSED/ai-sdk': {
      message: '{service} refused to answer{words}',
      next: 'Leave the sample out, or choose a model that takes this content.',
    },
    'DDA_CHAT_ONLY_REASONING/ai-sdk': {
      message: '{service} wrote its reasoning and no answer after it',
      next: 'Raise maxTokens, or have it think less (providerOptions).',
    },
    'DDA_JUDGE_UNPARSABLE/ai-sdk': {
      message: '{attempts} answers of the judge could not be read: {problem}{shown}',
      next: 'Raise maxTokens, ask item by item (ask: item), or use a stronger model.',
    },
  },
  { page: ERRORS_PAGE },
)

/** The same errors, as failed calls over the wire. */
export const callErrors = endpointErrors(errors)
