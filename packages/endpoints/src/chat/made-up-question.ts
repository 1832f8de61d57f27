import { drawnPicture } from '../drawn-picture.ts'
import type { EndpointSession } from '../endpoint-session.ts'
import { toDataUrl } from '../base64-image.ts'
import { complete } from './complete.ts'
import type { Fields } from './fields.ts'
import { textPart } from './message.ts'

/** Pixels: small for everyone, and enough for every vision tower. */
const SIDE = 224
/** The word JSON is what servers ask for where answers are to be JSON objects. */
const QUESTION = 'What is in the picture? Answer in JSON: {"seen": "..."}'

/**
 * Asks a model about a picture that is made up, to see whether it answers at all.
 *
 * @param fields of the request's body, as for real questions
 * @returns what it wrote
 * @throws as {@link complete}
 */
export async function askMadeUp(session: EndpointSession, fields: Fields, signal: AbortSignal): Promise<string> {
  const url = toDataUrl(drawnPicture(SIDE), 'image/png')
  const content = [{ type: 'image_url' as const, image_url: { url } }, textPart(QUESTION)]
  const { text } = await complete(session, { messages: [{ role: 'user', content }], fields, signal })
  return text
}
