import {
  type CallOptions,
  type ChecklistItem,
  type CognitiveRequest,
  type ImageRef,
  type ImageStore,
  type Judge,
  roleClosed,
  type RoleContext,
  type Scope,
  type Verdict,
  type VisualRequest,
} from '@dda-thinker/plugin-api'
import { type Sight, openWorld, parsePlan, seePng } from '@dda-thinker/tabletop-world'
import { errors } from '../errors.ts'
import type { Answer } from './answer.ts'
import { answerAboutPicture } from './picture-answers.ts'
import { answerAboutPlan } from './plan-answers.ts'
import { type JudgeErrors, errs } from './errors-made.ts'
import { parsePictureQuestion, parsePlanQuestion } from './questions.ts'

const FINGERPRINT = 'judge-tabletop/1'
const SIGHTS_KEPT = 1024

/**
 * Judges the tabletop world. In scope `cognitive` it reads the plan and the items, in scope `visual` it looks at the pixels
 * of the source and of the edited picture; it never knows how a scene was made. A question that is not of the controlled
 * English (docs/plugins/tabletop.md) is answered `unsure`, with the reason.
 */
export class TabletopJudge implements Judge {
  readonly scopes: readonly Scope[]
  readonly fingerprint: string
  readonly concurrency = 4
  /** Oldest first. Sources come again with every rollout of their group; a remembered one is not even fetched. */
  readonly #sights = new Map<string, Sight>()
  #images: ImageStore | undefined

  readonly #errors: JudgeErrors | undefined

  /** @param errors it makes on purpose. Default: none */
  constructor(scopes: readonly Scope[], errors?: JudgeErrors) {
    this.scopes = scopes
    const { cognitive = 0, visual = 0 } = errors?.rate ?? {}
    this.#errors = cognitive + visual === 0 ? undefined : errors
    // What a judge without errors answered stays cached.
    this.fingerprint =
      this.#errors === undefined
        ? FINGERPRINT
        : `${FINGERPRINT} errorRate=${cognitive}/${visual} errorSeed=${this.#errors.seed}`
  }

  async open(context: RoleContext): Promise<void> {
    this.#images = context.images
    if (this.scopes.includes('visual')) await openWorld()
  }

  async judge(request: CognitiveRequest | VisualRequest, { signal }: CallOptions): Promise<readonly Verdict[]> {
    signal.throwIfAborted()
    if (!this.scopes.includes(request.scope)) {
      throw errors.make('DDA_JUDGE_SCOPE/tabletop', { scope: request.scope }, { kind: 'bad-input' })
    }
    return request.scope === 'cognitive' ? this.#judgePlan(request) : this.#judgePicture(request)
  }

  #judgePlan(request: CognitiveRequest): readonly Verdict[] {
    const plan = parsePlan(request.plan)
    const about = [request.instruction, request.plan]
    return request.items.map((item) => {
      const question = parsePlanQuestion(item.question)
      return this.#verdict(item, question && answerAboutPlan(question, plan), about)
    })
  }

  async #judgePicture(request: VisualRequest): Promise<readonly Verdict[]> {
    const first = request.source[0]
    if (first === undefined || request.source.length > 1) {
      throw errors.make('DDA_JUDGE_INPUT', { count: request.source.length }, { kind: 'bad-input' })
    }
    const source = await this.#see(first)
    const edited = await this.#see(request.edited)
    const about = [first.hash, request.edited.hash]
    return request.items.map((item) => {
      const question = parsePictureQuestion(item.question)
      return this.#verdict(item, question && answerAboutPicture(question, source, edited), about)
    })
  }

  async #see(image: ImageRef): Promise<Sight> {
    if (this.#images === undefined) {
      throw roleClosed('judge-tabletop')
    }
    const known = this.#sights.get(image.hash)
    if (known !== undefined) return known
    const sight = await seePng(await this.#images.get(image), image.hash)
    if (this.#sights.size >= SIGHTS_KEPT) this.#sights.delete(this.#sights.keys().next().value ?? '')
    this.#sights.set(image.hash, sight)
    return sight
  }

  #verdict(
    { id: itemId, scope, question }: ChecklistItem,
    answer: Answer | undefined,
    about: readonly string[],
  ): Verdict {
    if (answer === undefined) {
      const reason = 'The question is not of the kind this judge understands.'
      return { itemId, answer: 'unsure', reason, judge: this.fingerprint }
    }
    const wrong = this.#errors !== undefined && errs(this.#errors, scope, [...about, question])
    const reason = wrong ? `An error it is set to make. In truth: ${answer.reason}` : answer.reason
    return { itemId, answer: answer.yes === wrong ? 'no' : 'yes', reason, judge: this.fingerprint }
  }
}
