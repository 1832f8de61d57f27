import type {
  CallOptions,
  ChecklistItem,
  EndpointReport,
  ImageRef,
  Judge,
  JudgeRequest,
  JudgeSight,
  RoleContext,
  Scope,
  Verdict,
} from '@dda-thinker/plugin-api'
import { identifyModel, type Service, ServiceFrame } from '@dda-thinker/endpoints'
import { complete, picturePart, type ChatAnswer, type Message, type Part } from '@dda-thinker/endpoints/chat'
import { CanaryWatch } from './canary-watch.ts'
import { combine } from './combine.ts'
import { errors } from './errors.ts'
import type { JudgeOptions } from './options.ts'
import { fingerprintOf } from './fingerprint.ts'
import { cognitiveParts, systemPrompt, visualParts, type Seen } from './prompt.ts'
import { readAnswers } from './read-answers.ts'
import { requestFields, schemaOf, settingsOf, type Settings } from './settings.ts'
import { together } from './together.ts'
import { trialOf } from './trial.ts'
import { unreadable } from './unreadable.ts'
import { type Answer } from './verdict-json.ts'

/** Answers after which a judge that was sure of none is named. */
const NEVER_SURE = 20

interface Own {
  readonly canaries: CanaryWatch | undefined
}

/** What all calls of one request share. */
interface Asking extends Service {
  readonly scope: Scope
  /** Of the plan or picture, whatever is asked about it. */
  readonly input: string
  readonly parts: (items: readonly ChecklistItem[]) => readonly Part[]
  readonly signal: AbortSignal
}

/** A checklist judge behind `POST {base}/chat/completions`. */
export class VlmJudge implements Judge {
  readonly scopes: readonly Scope[]
  readonly sees: readonly JudgeSight[]
  readonly concurrency: number
  readonly #settings: Settings
  readonly #options: JudgeOptions
  readonly #frame: ServiceFrame<Own>
  #tokens = { calls: 0, input: 0, output: 0 }
  #sureness = { all: 0, unsure: 0, told: false }

  /** @throws DdaError `DDA_JUDGE_OPTIONS`, `DDA_ENDPOINT_URL`, `DDA_CHAT_PARAM` */
  constructor(options: JudgeOptions) {
    this.#options = options
    this.#settings = settingsOf(options)
    this.scopes = this.#settings.scopes
    this.sees = options.sees
    this.concurrency = this.#settings.endpoints.length * options.perEndpoint
    this.#frame = this.#makeFrame()
  }

  /** Everything that changes its verdicts; never where the servers are or how they are called. */
  get fingerprint(): string {
    return fingerprintOf(this.#settings, this.#frame.identity)
  }

  open(context: RoleContext): Promise<void> {
    return this.#frame.open(context)
  }

  /** Lists models, and asks one made-up question of each scope. */
  diagnose(context: RoleContext): Promise<readonly EndpointReport[]> {
    return this.#frame.diagnose(context)
  }

  async judge(request: JudgeRequest, { signal }: CallOptions): Promise<readonly Verdict[]> {
    signal.throwIfAborted()
    const { canaries } = this.#frame.held
    canaries?.check()
    const verdicts = await this.#ask(request, signal)
    canaries?.see(request)
    return verdicts
  }

  close(): Promise<void> {
    return this.#frame.close()
  }

  #makeFrame(): ServiceFrame<Own> {
    const { identity, model, canaries } = this.#options
    return new ServiceFrame<Own>({
      name: 'judge-vlm',
      options: { ...this.#options, endpoints: this.#settings.endpoints },
      model,
      session: { maxBodyBytes: 16 * 1024 * 1024 },
      own: ({ context: { log } }) => ({
        canaries:
          canaries === undefined
            ? undefined
            : new CanaryWatch({ options: canaries, log, ask: (request, signal) => this.#ask(request, signal) }),
      }),
      identify: identity === 'server' ? identifyModel(model) : undefined,
      trial: (service) => this.#try(service),
      end: (held) => this.#end(held),
    })
  }

  async #end({ context, canaries }: Service & Own): Promise<void> {
    // At an early end nothing is waited for.
    await canaries?.settle(context.signal.aborted)
    const passed = canaries?.summary()
    if (passed !== undefined) context.log.info(passed)
    const { calls, input, output } = this.#tokens
    if (calls > 0) context.log.info(`${calls} answers, ${input} tokens in, ${output} tokens out`)
  }

  async #ask(request: JudgeRequest, signal: AbortSignal): Promise<readonly Verdict[]> {
    const opened = this.#frame.held
    const { scope, items } = request
    if (!this.scopes.includes(scope)) {
      throw errors.make('DDA_JUDGE_SCOPE/vlm', { scope }, { kind: 'bad-input' })
    }
    const parts = await this.#partsOf(request, opened)
    const lists = this.#settings.ask === 'item' ? items.map((item) => [item]) : items.length === 0 ? [] : [items]
    const answers = await together(signal, (scoped) =>
      lists.map((list) => this.#askAll({ ...opened, scope, parts, input: inputOf(request), signal: scoped }, list)),
    )
    const judge = this.fingerprint
    return answers.flat().map((answer, i) => ({ itemId: items[i]?.id ?? '', judge, ...answer }))
  }

  /** A request is read here and nowhere else, and of a visual one no plan: none can slip in. */
  async #partsOf(request: JudgeRequest, { context }: Service): Promise<Asking['parts']> {
    const options = this.#options
    const { detail, imageUuid, maxImageBytes, maxPixels } = options
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
    const instruction = this.sees.includes('instruction') ? request.instruction : undefined
    const reference = this.sees.includes('reference') ? request.reference : undefined
    return {
      ...(instruction === undefined ? {} : { instruction }),
      ...(reference === undefined || reference.text === '' ? {} : { reference: reference.text }),
      ...(reference?.image === undefined ? {} : { picture: await show(reference.image) }),
    }
  }

  async #try(service: Service): Promise<readonly string[]> {
    const lines: string[] = []
    for (const scope of this.scopes) {
      const { parts, item, right } = trialOf(scope, this.#options)
      const asking: Asking = { ...service, scope, parts, input: 'trial', signal: service.context.signal }
      const [answer] = await this.#askAll(asking, [item])
      const wrong = answer?.answer === right ? '' : `, although the right answer is ${right}`
      lines.push(`asked about a made-up ${scope === 'visual' ? 'picture' : 'plan'}, it said ${answer?.answer}${wrong}`)
    }
    return lines
  }

  /** All samples for some items, each a call of its own, combined item by item. */
  async #askAll(asking: Asking, items: readonly ChecklistItem[]): Promise<readonly Answer[]> {
    const messages: readonly Message[] = [
      systemPrompt(asking.scope, this.#options),
      { role: 'user', content: asking.parts(items) },
    ]
    const samples = await Promise.all(
      Array.from({ length: this.#options.samples }, (_, sample) =>
        this.#askOnce(asking, messages, items.length, sample),
      ),
    )
    return items.map((_, i) =>
      combine(
        samples.flatMap((answers) => answers[i] ?? []),
        this.#options.margin,
      ),
    )
  }

  /** One sample: asked again, with another seed and some temperature, while what comes back cannot be read. */
  async #askOnce(
    asking: Asking,
    messages: readonly Message[],
    count: number,
    sample: number,
  ): Promise<readonly Answer[]> {
    const { answerAttempts } = this.#options
    const schema = schemaOf(this.#settings, count)
    let problem = ''
    let last: ChatAnswer | undefined
    for (let attempt = 0; attempt < answerAttempts; attempt++) {
      const fields = requestFields(this.#settings, { attempt, sample, schema })
      const answer = await complete(asking.session, { messages, fields, signal: asking.signal, input: asking.input })
      this.#count(answer)
      last = answer
      const parsed = readAnswers(answer, count, this.#options)
      if ('answers' in parsed) {
        this.#watch(parsed.answers, asking.context)
        return parsed.answers
      }
      problem = answer.cut ? `it was cut at the token limit and ${parsed.problem}` : parsed.problem
      asking.context.log.debug(`unusable answer (${attempt + 1} of ${answerAttempts}): ${problem}`)
    }
    if (last === undefined) throw new RangeError('answerAttempts is at least 1')
    throw unreadable(last, problem, { options: this.#options, redactor: asking.session.redactor })
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
      `judge-vlm: all of the first ${seen.all} answers are unsure; rewards will not differ. Look at what it says ` +
        '(dda doctor), lower margin or minMass, or use a stronger model.',
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

function inputOf(request: JudgeRequest): string {
  return request.scope === 'visual' ? `picture ${request.edited.hash}` : `plan ${request.plan}`
}
