import { endpointErrors } from '@dda-thinker/endpoints'
import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_EDITOR_EMPTY/openai': {
      message: 'The answer holds no picture',
      next: 'Check that the model behind the endpoint edits images.',
    },
    'DDA_EDITOR_PROMPT/server': {
      message: '{why}',
      next: 'Have the Thinker write shorter plans; promptLimit spares the call.',
    },
    'DDA_EDITOR_REWROTE_PLAN/openai': {
      message: 'The server edited by a text of its own instead of the plan',
      next: "Turn the server's prompt rewriting off, or accept it with allowRewriting.",
    },
    'DDA_ENDPOINT_SERVER/images': {
      message: 'The server answered with an error: {text}',
      next: 'Look at the log of the server.',
    },
  },
  { page: ERRORS_PAGE },
)

/** The same errors, as failed calls over the wire. */
export const callErrors = endpointErrors(errors)
