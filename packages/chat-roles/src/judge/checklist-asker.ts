import type {
  ChecklistItem,
  DdaError,
  ImageRef,
  JudgeRequest,
  JudgeSight,
  RoleContext,
  Scope,
  Verdict,
} from '@dda-thinker/plugin-api'
import { type Redactor, sampleInput } from '@dda-thinker/endpoints'
import { picturePart, type ChatAnswer, type Message, type Part } from '@dda-thinker/endpoints/chat'
import { errors } from '../errors.ts'
import { CanaryWatch } from './canary-watch.ts'
import { combine } from './combine.ts'
import type { AskerOptions } from './options.ts'
import { cognitiveParts, systemPrompt, visualParts, type Seen } from './prompt.ts'
import { together } from './together.ts'
import { trialOf } from './trial.ts'
import type { Answer, Parsed } from './verdict-json.ts'

/** Answers after which a judge that was sure of none is named. */
const NEVER_SURE = 20

/** One sample of an answer, as the model is to be asked for it. */
export interface Asked {
  readonly messages: readonly Message[]
  /** Questions in it. */
  readonly count: number
  /** From 0; above 0 what came before could not be read. */
  readonly attempt: number
  /** From 0, of the samples of one question. */
  readonly sample: number
  /** Names the sample, whatever is asked about it: what several samples are refused for is not the fault of one. */
  readonly input: string
  readonly signal: AbortSignal
}

/** A chat model that a checklist can be put to; retries of failed calls are its own. */
export interface AskedModel {
  /** Takes its keys out of texts of its own. */
  readonly redactor: Redactor
  complete(asked: Asked): Promise<ChatAnswer>
}

export interface ChecklistAskerSettings {
  /** The plugin's name. */
  readonly name: string
  readonly options: AskerOptions
  readonly scopes: readonly Scope[]
  /** One call for a whole checklist, or one for each item. */
  readonly ask: 'checklist' | 'item'
  /** The judge's fingerprint at that moment. */
  readonly fingerprint: () => string
  /** Reads the answers to `count` questions; throws where asking again would change nothing. */
  readonly read: (answer: ChatAnswer, count: number) => Parsed
  /** The error of answers that could not be read. */
  readonly unreadable: (last: ChatAnswer, problem: string, model: AskedModel) => DdaError
}

/** What calls of an open judge need. */
export interface Asking {
  readonly context: RoleContext
  readonly model: AskedModel
}

/** What all calls of one request share. */
interface AskingAbout extends Asking {
  readonly scope: Scope
  readonly input: string
  readonly parts: (items: readonly ChecklistItem[]) => readonly Part[]
  readonly signal: AbortSignal
}

/**
 * Puts checklists to a chat model: one prompt a checklist or an item, strict reading, another try where nothing can be read,
 * several samples combined item by item. It holds no connection: the plugin gives the model with every call.
 */
export class ChecklistAsker {
  readonly #settings: ChecklistAskerSettings
  #tokens = { calls: 0, input: 0, output: 0 }
  #sureness = { all: 0, unsure: 0, told: false }

  constructor(settings: ChecklistAskerSettings) {
    this.#settings = settings
  }

  /** The canaries of an open judge, where its options want some. */
  canaries(asking: Asking): CanaryWatch | undefined {
    const { canaries } = this.#settings.options
    if (canaries === undefined) return undefined
    const ask = (request: JudgeRequest, signal: AbortSignal) => this.ask(request, asking, signal)
    return new CanaryWatch({ options: canaries, log: asking.context.log, ask })
  }

  /** @throws DdaError `DDA_JUDGE_SCOPE`, and what model, `read` and `unreadable` throw */
  async ask(request: JudgeRequest, asking: Asking, signal: AbortSignal): Promise<readonly Verdict[]> {
    const { scopes, ask, fingerprint } = this.#settings
    const { scope, items } = request
    if (!scopes.includes(scope)) {
      throw errors.make('DDA_JUDGE_SCOPE/vlm', { scope }, { kind: 'bad-input' })
    }
    const parts = await this.#partsOf(request, asking)
    const lists = ask === 'item' ? items.map((item) => [item]) : items.length === 0 ? [] : [items]
    const answers = await together(signal, (scoped) =>
      lists.map((list) => this.#askAll({ ...asking, scope, parts, input: sampleInput(request), signal: scoped }, list)),
    )
    const judge = fingerprint()
    return answers.flat().map((answer, i) => ({ itemId: items[i]?.id ?? '', judge, ...answer }))
  }

  /** One made-up question of each scope, for `diagnose`: a line each. */
  async try(asking: Asking): Promise<readonly string[]> {
    const lines: string[] = []
    for (const scope of this.#settings.scopes) {
      const { parts, item, right } = trialOf(scope, this.#settings.options)
      const about: AskingAbout = { ...asking, scope, parts, input: 'trial', signal: asking.context.signal }
      const [answer] = await this.#askAll(about, [item])
      const wrong = answer?.answer === right ? '' : `, although the right answer is ${right}`
      lines.push(`asked about a made-up ${scope === 'visual' ? 'picture' : 'plan'}, it said ${answer?.answer}${wrong}`)
    }
    return lines
  }

  /** Waits for canaries under way, and says in the log what was asked in all. */
  async settle({ log, signal }: RoleContext, canaries: CanaryWatch | undefined): Promise<void> {
    // At an early end nothing is waited for.
    await canaries?.settle(signal.aborted)
    const passed = canaries?.summary()
    if (passed !== undefined) log.info(passed)
    const { calls, input, output } = this.#tokens
    if (calls > 0) log.info(`${calls} answers, ${input} tokens in, ${output} tokens out`)
  }

  /** A request is read here and nowhere else, and of a visual one no plan: none can slip in. */
  async #partsOf(request: JudgeRequest, { context }: Asking): Promise<AskingAbout['parts']> {
    const { options } = this.#settings
    const { detail, imageUuid = false, maxImageBytes, maxPixels } = options
    const settings = { imageUuid, maxImageBytes, maxPixels, ...(detail === undefined ? {} : { detail }) }
    const show = (image: ImageRef): Promise<Part> => picturePart(context, image, settings)
    const seen = await this.#seen(request, show)
    if (request.scope === 'cognitive') {
      const { instruction, plan } = request
      return (items) => cognitiveParts({ instruction, plan }, items, options, seen)
    }
    const [source, edited] = await Promise.all([Promise.all(request.source.map(show)), show(request.edited)])
    return (items) => visualParts({ source, edited }, items, options, seen)
  }

  /** What its options let it see, whatever else the caller hands over. */
  async #seen(request: JudgeRequest, show: (image: ImageRef) => Promise<Part>): Promise<Seen> {
    const sees: readonly JudgeSight[] = this.#settings.options.sees
    const instruction = sees.includes('instruction') ? request.instruction : undefined
    const reference = sees.includes('reference') ? request.reference : undefined
    return {
      ...(instruction === undefined ? {} : { instruction }),
      ...(reference === undefined || reference.text === '' ? {} : { reference: reference.text }),
      ...(reference?.image === undefined ? {} : { picture: await show(reference.image) }),
    }
  }

  /** All samples for some items, each a call of its own, combined item by item. */
  async #askAll(asking: AskingAbout, items: readonly ChecklistItem[]): Promise<readonly Answer[]> {
    const { options } = this.#settings
    const messages: readonly Message[] = [
      systemPrompt(asking.scope, options),
      { role: 'user', content: asking.parts(items) },
    ]
    const samples = await Promise.all(
      Array.from({ length: options.samples }, (_, sample) => this.#askOnce(asking, messages, items.length, sample)),
    )
    return items.map((_, i) =>
      combine(
        samples.flatMap((answers) => answers[i] ?? []),
        options.margin,
      ),
    )
  }

  /** One sample: asked again, with another seed and some temperature, while what comes back cannot be read. */
  async #askOnce(
    { model, context, input, signal }: AskingAbout,
    messages: readonly Message[],
    count: number,
    sample: number,
  ): Promise<readonly Answer[]> {
    const { options, read, unreadable } = this.#settings
    const { answerAttempts } = options
    let problem = ''
    let last: ChatAnswer | undefined
    for (let attempt = 0; attempt < answerAttempts; attempt++) {
      const answer = await model.complete({ messages, count, attempt, sample, input, signal })
      this.#count(answer)
      last = answer
      const parsed = read(answer, count)
      if ('answers' in parsed) {
        this.#watch(parsed.answers, context)
        return parsed.answers
      }
      problem = answer.cut ? `it was cut at the token limit and ${parsed.problem}` : parsed.problem
      context.log.debug(`unusable answer (${attempt + 1} of ${answerAttempts}): ${problem}`)
    }
    if (last === undefined) throw new RangeError('answerAttempts is at least 1')
    throw unreadable(last, problem, model)
  }

  /** A judge that is never sure rewards every plan alike: nothing can be learned from it, and nothing else says so. */
  #watch(answers: readonly Answer[], { log }: RoleContext): void {
    const { all, unsure, told } = this.#sureness
    const seen = {
      all: all + answers.length,
      unsure: unsure + answers.filter(({ answer }) => answer === 'unsure').length,
    }
    const isNeverSure = seen.all >= NEVER_SURE && seen.unsure === seen.all
    this.#sureness = { ...seen, told: told || isNeverSure }
    if (!isNeverSure || told) return
    log.warn(
      `${this.#settings.name}: all of the first ${seen.all} answers are unsure; rewards will not differ. Look at what it ` +
        'says (dda doctor), or use a stronger model; where answers are soft scores, lower margin or minMass.',
    )
  }

  #count({ cost }: ChatAnswer): void {
    const { calls, input, output } = this.#tokens
    this.#tokens = {
      calls: calls + 1,
      input: input + (cost.inputTokens ?? 0),
      output: output + (cost.outputTokens ?? 0),
    }
  }
}
