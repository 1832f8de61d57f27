import { isDdaError, type ImageRef, type SynthesisContext } from '@dda-thinker/plugin-api'
import type { EndpointSession } from '@dda-thinker/endpoints'
import { afterThinking, complete, picturePart, textPart, type Part } from '@dda-thinker/endpoints/chat'
import type { PromptName, Prompts } from './prompts.ts'
import { fill } from './prompts.ts'
import { readObject, type Reading } from './read-json.ts'
import { Dropped, TASK_REASONS, type TaskReason } from './reasons.ts'
import { requestFields, type Settings } from './settings.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export interface Question<T> {
  readonly prompt: PromptName
  readonly values: Readonly<Record<string, string>>
  readonly pictures: readonly ImageRef[]
  readonly temperature: number
  readonly seed: number
  /** Names what is asked about, for errors. */
  readonly about: string
  /** What the object means, or why it means nothing; then it is asked for again. */
  readonly read: (object: JsonObject) => Reading<T>
}

/** Asks the model for JSON. What was understood is kept, so that a run that is begun again goes on where it stopped. */
export class Asker {
  readonly prompts: Prompts
  readonly model: string
  readonly #settings: Settings
  readonly #session: EndpointSession
  readonly #context: SynthesisContext
  readonly #identity: string | undefined

  constructor(
    settings: Settings,
    given: {
      readonly prompts: Prompts
      readonly session: EndpointSession
      readonly context: SynthesisContext
      readonly identity: string | undefined
    },
  ) {
    this.#settings = settings
    this.#session = given.session
    this.#context = given.context
    this.#identity = given.identity
    this.prompts = given.prompts
    this.model = settings.model
  }

  /** @throws Dropped; DdaError where the run must stop */
  async ask<T>(question: Question<T>): Promise<T> {
    const text = fill(this.prompts[question.prompt], question.values)
    const { once = (_key, make) => make() } = this.#context
    const { answerAfter, detail, maxPixels } = this.#settings
    const fields = requestFields(this.#settings, question)
    const hashes = question.pictures.map(({ hash }) => hash)
    const key = [
      'synthesizer-vlm',
      1,
      text,
      hashes,
      fields,
      withoutAbsent({ answerAfter, detail, maxPixels }),
      this.#identity ?? null,
    ]
    try {
      const object = await once(key, () => this.#object(question, text))
      const reading = question.read(object)
      if ('value' in reading) return reading.value
      // Kept under the same key, so it was readable once: the reader has changed since.
      throw new Dropped(TASK_REASONS.unreadable, reading.problem)
    } catch (error) {
      throw droppedBy(error, this.#context.signal)
    }
  }

  /** The object of the first answer that can be read. */
  async #object<T>(question: Question<T>, text: string): Promise<JsonObject> {
    const { answerAttempts, answerAfter, detail, maxImageBytes, maxPixels } = this.#settings
    const settings = { imageUuid: false, maxImageBytes, maxPixels, ...(detail === undefined ? {} : { detail }) }
    const pictures = await Promise.all(question.pictures.map((image) => picturePart(this.#context, image, settings)))
    const content: readonly Part[] = [...pictures, textPart(text)]
    let problem = ''
    for (let attempt = 0; attempt < answerAttempts; attempt++) {
      // A greedy model would write the same again.
      const temperature = attempt === 0 ? question.temperature : Math.max(question.temperature, 0.7)
      const answer = await complete(this.#session, {
        messages: [{ role: 'user', content }],
        fields: requestFields(this.#settings, { temperature, seed: question.seed + attempt }),
        signal: this.#context.signal,
        input: question.about,
      })
      const object = readObject(afterThinking(answer.text, answerAfter))
      const reading = 'value' in object ? question.read(object.value) : object
      if ('value' in object && 'value' in reading) return object.value
      if ('problem' in reading) {
        if (reading.refused === true) throw new Dropped(TASK_REASONS.refused, reading.problem)
        problem = answer.cut ? `it was cut at the token limit (maxTokens) and ${reading.problem}` : reading.problem
      }
    }
    throw new Dropped(
      TASK_REASONS.unreadable,
      `${question.prompt}, ${answerAttempts} answers; of the last one: ${problem}`,
    )
  }
}

/** What ends one task; what must end the run is given back as it is. */
export function droppedBy(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof Dropped || signal.aborted || !isDdaError(error)) return error
  // An error without a kind belongs to no single task: a full disk, a miss in a replay.
  if (error.stopsRun || error.kind === undefined || error.kind === 'unavailable') return error
  return new Dropped(REASON_OF[error.kind] ?? TASK_REASONS.service, `${error.code}: ${error.message}`)
}

const REASON_OF: Readonly<Record<string, TaskReason>> = {
  refusal: TASK_REASONS.refused,
  'bad-output': TASK_REASONS.unreadable,
  'bad-input': TASK_REASONS.pictureUnusable,
}

function withoutAbsent(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
