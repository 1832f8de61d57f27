import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_HTTP_ADDRESS/in-use': {
      message: 'Port {port} of {host} is in use',
      next: 'Choose another port, or end what listens there; port 0 takes a free one.',
      exit: 'usage',
    },
    'DDA_HTTP_ADDRESS/not-here': {
      message: 'Nothing can listen on {host}, port {port} ({reason})',
      next: 'Give an address of this machine, and a port that this user may open.',
      exit: 'usage',
    },
    DDA_HTTP_BODY_INVALID: {
      message: 'the body is no JSON: {problem}',
      next: 'Send one JSON object with the header content-type: application/json.',
    },
    DDA_HTTP_BODY_TOO_LARGE: {
      message: 'the body is larger than {limit} bytes',
      next: 'Send less at a time, or start the server with a higher limit of the body.',
    },
    DDA_HTTP_DRAINING: {
      message: 'the server is ending and takes no new requests',
      next: 'Send the request again, to another replica or to the server that follows.',
    },
    DDA_HTTP_FOREIGN_HOST: {
      message: 'the server is not known under the name in the Host header',
      next: 'Call it by its address, or start it with that name among the hosts that it may be called.',
    },
    DDA_HTTP_FOREIGN_ORIGIN: {
      message: 'a page of another origin may not call this server',
      next: 'Call it from a program, or from its own pages.',
    },
    DDA_HTTP_INTERNAL: {
      message: 'the server failed in a way it did not foresee',
      next: 'Look at the log of the server; the request can be sent again.',
    },
    DDA_HTTP_MEDIA_TYPE: {
      message: 'bodies of this content-type are not read',
      next: 'Send JSON with the header content-type: application/json.',
    },
    DDA_HTTP_METHOD: {
      message: 'this address has no method {method}',
      next: 'The server tells at /openapi.json or on its pages what can be asked of it.',
    },
    DDA_HTTP_NOT_FOUND: {
      message: 'there is nothing at this address',
      next: 'The server tells at /openapi.json or on its pages what can be asked of it.',
    },
    DDA_HTTP_NO_TOKEN: {
      message: 'A server on {host} could be called by others, and has no token',
      next: 'Give it a token, or let it listen on 127.0.0.1.',
      exit: 'usage',
    },
    DDA_HTTP_REQUEST_INVALID: {
      message: 'the request is not what this address takes: {problem}',
      next: 'The server tells at /openapi.json what it takes.',
    },
    'DDA_HTTP_TOKEN_WEAK/short': {
      message: 'The token has {count} characters, and needs {least}',
      next: 'Make one, for example with: openssl rand -hex 24',
      exit: 'usage',
    },
    'DDA_HTTP_TOKEN_WEAK/characters': {
      message: 'The token holds a character that no header can carry',
      next: 'Use letters, digits and -._~+/= only, for example: openssl rand -hex 24',
      exit: 'usage',
    },
    DDA_HTTP_UNAUTHORISED: {
      message: 'the request carries no token of this server',
      next: 'Send the header authorization: Bearer TOKEN with the token that the server was started with.',
    },
  },
  { page: ERRORS_PAGE },
)
