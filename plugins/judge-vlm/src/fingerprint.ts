import { createHash } from 'node:crypto'
import { PROMPT_VERSION, sightTexts } from '@dda-thinker/chat-roles'
import { requestFields, schemaOf, type Settings } from './settings.ts'
import { SANITISER_VERSION } from '@dda-thinker/plan-text'

/**
 * Everything that changes a judge's verdicts: model, prompts, schema, decoding, sanitiser, how answers are read and
 * combined, and what the servers say they serve. Never where they are or how they are called.
 */
export function fingerprintOf(settings: Settings, server: string | undefined): string {
  const { ask, options } = settings
  const { model, score, samples, temperature, reasons, answerAttempts, retryTemperature, planLimit } = options
  const { sees, guidance, answerAfter, detail, maxPixels, minMass, lowMass, margin } = options
  const schema = schemaOf(settings, 1)
  const rest = {
    reading: score === 'logprobs' ? { minMass, lowMass, margin } : { reasons, answerAfter },
    retry: { answerAttempts, retryTemperature },
    planLimit,
    guidance,
    detail,
    maxPixels,
    // Left out where nothing more is seen: such a judge is the one it was before there was a choice.
    ...(sees.length === 0 ? {} : { sees: sightTexts(sees) }),
    request: sorted(requestFields(settings, { attempt: 0, sample: 0, schema })),
  }
  // Every verdict carries it: what tells judges apart at a glance in words, the rest as a hash.
  const settingsHash = createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 12)
  const shown = { model, ask, score, samples, temperature, prompt: PROMPT_VERSION, sanitiser: SANITISER_VERSION }
  return `judge-vlm/1 ${JSON.stringify({ ...shown, settings: settingsHash, server })}`
}

/** Key order must not matter to a fingerprint. */
function sorted(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
