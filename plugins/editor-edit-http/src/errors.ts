import { endpointErrors } from '@dda-thinker/endpoints'
import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_EDITOR_EMPTY/field': {
      message: 'The answer holds no picture in {resultField}',
      next: 'Check that the server speaks the /edit contract, or set resultField.',
    },
    DDA_EDITOR_NOT_READY: {
      message: '{url} is up, but its GPU workers are not',
      next: 'Wait until the server has loaded its model, or look at its log.',
    },
    'DDA_EDITOR_REWROTE_PLAN/edit-http': {
      message: 'The server edited by a text of its own instead of the plan',
      next: "Turn the server's prompt rewriting off, or accept it with allowRewriting.",
    },
    DDA_EDITOR_SEED: {
      message: 'The server used the seed {used} instead of {asked}',
      next: 'Set rename.seed to the name the server knows, or declare determinism: none.',
    },
    'DDA_ENDPOINT_RATE_LIMIT/queue': {
      message: 'The server could not edit: {message}',
      next: 'Lower perEndpoint, or add servers.',
    },
    'DDA_ENDPOINT_TIMEOUT/queue': {
      message: 'The server could not edit: {message}',
      next: 'Lower perEndpoint, or add servers.',
    },
    'DDA_ENDPOINT_SERVER/edit': {
      message: 'The server could not edit: {message}',
      next: 'Look at the log of the server.',
    },
  },
  { page: ERRORS_PAGE },
)

/** The same errors, as failed calls over the wire. */
export const callErrors = endpointErrors(errors)
