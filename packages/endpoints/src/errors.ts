import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'
import { endpointErrors } from './endpoint-error.ts'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CHAT_EMPTY: {
      message: 'The completion holds no message',
      next: 'Look at the log of the server: it answered, but with no choice.',
    },
    'DDA_CHAT_ONLY_REASONING/length': {
      message: 'The model wrote its reasoning and no answer after it',
      next: 'Raise maxTokens: its reasoning reached the limit.',
    },
    'DDA_CHAT_ONLY_REASONING/parser': {
      message: 'The model wrote its reasoning and no answer after it',
      next: 'Turn its thinking off (params: { chat_template_kwargs: { enable_thinking: false } } with vLLM and SGLang), or start the server without its reasoning parser and set answerAfter.',
    },
    'DDA_CHAT_PARAM/option': {
      message: 'params.{name} is set by the plugin itself',
      next: "Use the plugin's option for {name}, or null in params to send none.",
    },
    'DDA_CHAT_PARAM/reserved': {
      message: 'params.{name} is set by the plugin itself',
      next: 'Take {name} out of params.',
    },
    DDA_CHAT_REFUSED: {
      message: 'The model refused to answer{words}',
      next: 'Leave the sample out, or choose a model that takes this content.',
    },
    DDA_ENDPOINT_BODY_TOO_LARGE: {
      message: '{url} answered with more than {limit} bytes',
      next: 'Ask the server for smaller pictures, or raise the limit of bytes.',
    },
    'DDA_ENDPOINT_CONNECTION/name': {
      message: 'No connection to {where} ({reason})',
      next: 'Check the host name in the URL and the name service.',
    },
    'DDA_ENDPOINT_CONNECTION/server': {
      message: 'No connection to {where} ({reason})',
      next: 'Check that the server runs and that host and port are right.',
    },
    DDA_ENDPOINT_CONTENT_TYPE: {
      message: '{url} answered {said}: {start}',
      next: 'Check that the URL is the API and not a web page or a proxy; {expected} was expected.',
    },
    DDA_ENDPOINT_DOWN: {
      message: 'No endpoint has worked for {seconds} s: {urls}{words}',
      next: 'Look at the servers; when they answer again, resume the run.',
    },
    DDA_ENDPOINT_ENCODING: {
      message: '{url} answered with content encoding {encoding}',
      next: 'Turn compression of answers off in the server or the proxy before it.',
    },
    DDA_ENDPOINT_JSON: {
      message: '{url} answered with broken JSON: {start}',
      next: 'Look at the log of the server and of any proxy before it.',
    },
    DDA_ENDPOINT_KEY_MISSING: {
      message: 'The environment variable {name} {problem}',
      next: 'Export {name}; or leave out what names it (`apiKeyEnv`, a header), for a server that asks for no secret.',
    },
    DDA_ENDPOINT_MODELS_DIFFER: {
      message: 'The endpoints serve different models: {first} {firstServes}, {other} {otherServes}',
      next: 'Serve the same model everywhere: calls are spread over all endpoints.',
    },
    DDA_ENDPOINT_PRIVATE_ADDRESS: {
      message: "The picture's URL leads to a private address: {host}",
      next: 'Have the server send pictures as base64, or list the origin under imageOrigins if you trust it.',
    },
    DDA_ENDPOINT_REFUSES: {
      message: '{which} different inputs were refused alike: {why}',
      next: 'Look at model, params and key in the config, then give the same command again. {advice}',
    },
    'DDA_ENDPOINT_SERVER/answer': {
      message: 'The server answered with an error: {text}',
      next: 'Look at the log of the server.',
    },
    'DDA_ENDPOINT_TIMEOUT/call': {
      message: '{url} gave no answer in {seconds} s',
      next: 'Raise timeoutSeconds, lower the concurrency, or look for what keeps the server busy.',
    },
    DDA_ENDPOINT_TLS: {
      message: '{where} showed a certificate that is not trusted ({reason})',
      next: 'Add the certificate authority with NODE_EXTRA_CA_CERTS, or correct the URL.',
    },
    DDA_ENDPOINT_TRUNCATED: {
      message: '{where} broke its answer off ({reason})',
      next: 'Look at the log of the server and of any proxy before it: the connection ended inside the answer.',
    },
    'DDA_ENDPOINT_TRUNCATED/garbled': {
      message: '{where} gave an answer that is not HTTP ({reason})',
      next: 'Check host, port and scheme of the URL, and look at the log of the server and of any proxy before it.',
    },
    DDA_ENDPOINT_HEADER: {
      message: 'headers.{name} {problem}',
      next: 'Write `{ env: NAME }` for what is secret, and leave the headers of HTTP itself alone.',
    },
    DDA_ENDPOINT_PROXY: {
      message: 'The environment variable {name} names no proxy that can be used: it must be an http: or https: URL',
      next: 'Correct it as in http://proxy.example:3128, or unset it; NO_PROXY names what is asked directly.',
    },
    DDA_ENDPOINT_URL: {
      message: 'endpoints[{index}] {problem}',
      next: 'Write scheme, host, port and path, as in http://gpu-1:8000/v1; a key belongs into apiKeyEnv.',
    },
    DDA_IMAGE_ENCODING: {
      message: 'The picture is not base64: {why}',
      next: 'Have the server send the encoded file as base64.',
    },
    'DDA_IMAGE_TOO_LARGE/received': {
      message: 'The picture has more than {most} bytes',
      next: 'Ask for smaller pictures (size), or raise the image limits if you trust the source.',
    },
    'DDA_IMAGE_TOO_LARGE/sent': {
      message: 'The picture {picture} has {bytes} bytes; {most} are sent at most',
      next: 'Use smaller pictures, or raise maxImageBytes.',
    },
    'DDA_IMAGE_URL/failed': {
      message: 'The named picture cannot be had: {why}',
      next: 'Have the server send pictures as base64 (response_format b64_json).',
    },
    'DDA_IMAGE_URL/refused': {
      message: 'The URL of the picture is refused: {why}',
      next: 'Have the server send pictures as base64 (response_format b64_json).',
    },
    DDA_ENDPOINT_PAYMENT: {
      message: '{url} answered {status}{detail}',
      next: 'Add credit to the account behind the key, then resume the run.',
    },
    DDA_ENDPOINT_KEY: {
      message: '{url} answered {status}{detail}',
      next: 'Check the key in the variable that apiKeyEnv names and what it may do, then resume the run.',
    },
    DDA_ENDPOINT_FORBIDDEN: {
      message: '{url} answered {status}{detail}',
      next: 'Check what the key in the variable that apiKeyEnv names may do, and what a firewall before the server lets pass.',
    },
    DDA_ENDPOINT_REFUSED: {
      message: '{url} answered {status}{detail}',
      next: 'The provider refuses this content; leave the sample out or choose another provider.',
    },
    DDA_ENDPOINT_NOT_FOUND: {
      message: '{url} answered {status}{detail}',
      next: 'Check the base URL (most servers want it to end in /v1) and the name of the model.',
    },
    DDA_ENDPOINT_RATE_LIMIT: {
      message: '{url} answered {status}{detail}',
      next: 'Lower perEndpoint, turn adaptive concurrency on, or ask the provider for a higher limit.',
    },
    'DDA_ENDPOINT_SERVER/status': {
      message: '{url} answered {status}{detail}',
      next: 'Look at the log of the server.',
    },
    'DDA_ENDPOINT_TIMEOUT/status': {
      message: '{url} answered {status}{detail}',
      next: 'Look at the log of the server.',
    },
    DDA_ENDPOINT_REDIRECT: {
      message: '{url} answered {status}{detail}',
      next: 'Put the final URL into the config: calls that carry a key do not follow redirects.',
    },
    DDA_ENDPOINT_REJECTED: {
      message: '{url} answered {status}{detail}',
      next: 'Compare the params of the plugin with what the server documents.',
    },
    DDA_ENDPOINT_PAUSED: {
      message: 'The server asks to be left alone for {seconds} s, until {until}: {urls}{words}',
      next: 'Resume the run after {until}, or raise maxPauseSeconds.',
    },
    'DDA_EDITOR_PARAM/reserved': {
      message: 'params.{name} is not free to set',
      next: 'Use an option, if there is one.',
    },
    'DDA_EDITOR_PARAM/unknown': {
      message: '{server} has no field {name} and would ignore it silently. Did you mean {meant}?',
      next: 'Correct params, or use the dialect `generic`, which sends any field.',
    },
    'DDA_EDITOR_PARAM/foreign': {
      message: '{server} has no field {name} and would ignore it silently. It has {fields}',
      next: 'Take it out of params. Where your server does read it, say so: rename: { {name}: {name} }, or use the dialect `generic`.',
    },
    'DDA_EDITOR_PARAM/rewrites': {
      message: 'params.{name} would have the server rewrite the plan',
      next: 'Leave it out or set it to false.',
    },
    'DDA_EDITOR_PARAM/collision': {
      message: 'Two fields would be called {name}',
      next: 'Correct the rename map.',
    },
  },
  { page: ERRORS_PAGE },
)

/** The same errors, as failed calls over the wire. */
export const callErrors = endpointErrors(errors)
