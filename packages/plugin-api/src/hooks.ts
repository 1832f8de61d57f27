import type { CurationDecision } from './curator.ts'
import type { ImageStore } from './image.ts'
import type { JudgeRequest } from './judge.ts'
import type { Edit } from './edit.ts'
import type { Plan } from './plan.ts'
import type { Failure, Rollout } from './rollout.ts'
import type { ChecklistItem, Sample } from './sample.ts'
import type { UpdateReport } from './trainer.ts'
import type { Verdict } from './verdict.ts'

/**
 * The lifecycle, one hook a stage. Each is an asynchronous waterfall over the noun that the stage has just made, before
 * it is recorded: a tap returns a changed noun to transform it, or nothing to observe it. Taps never choose a provider.
 * A transformed noun keeps its id and the ids of what it was made from; the engine checks that.
 */
export interface Hooks {
  /** A sample that a synthesizer has made. */
  synthesize: { readonly noun: Sample; readonly info: StageInfo }
  /** What a curator has decided about a sample. */
  curate: { readonly noun: CurationDecision; readonly info: StageInfo }
  /** A plan, before it is edited; one that failed its format too. */
  plan: { readonly noun: Plan; readonly info: RolloutInfo }
  /** An edited picture, before it is judged. */
  edit: { readonly noun: Edit; readonly info: RolloutInfo }
  /** The rollout with its verdicts and reward. */
  judge: { readonly noun: Rollout; readonly info: JudgedInfo }
  /** What a step came to: the trainer's metrics and those of the run itself, as they are recorded. */
  update: { readonly noun: UpdateReport; readonly info: StageInfo }
}

/** The stages, in the order of the lifecycle. */
export type HookName = keyof Hooks

/** What stages make, and what taps are told about it, by the names of their types. */
interface HookTypes {
  Sample: Sample
  CurationDecision: CurationDecision
  Plan: Plan
  Edit: Edit
  Rollout: Rollout
  UpdateReport: UpdateReport
  StageInfo: StageInfo
  RolloutInfo: RolloutInfo
  JudgedInfo: JudgedInfo
}
type NameOf<T> = {
  [Name in keyof HookTypes]: [HookTypes[Name], T] extends [T, HookTypes[Name]] ? Name : never
}[keyof HookTypes]

/** The hooks in the order of the stages, as documentation tells them: types by name, and what is made by then. */
export const HOOKS = {
  synthesize: { noun: 'Sample', info: 'StageInfo', made: 'A sample with its checklist, checked, its pictures stored.' },
  curate: { noun: 'CurationDecision', info: 'StageInfo', made: 'Whether a sample is kept, where, and how hard it is.' },
  plan: { noun: 'Plan', info: 'RolloutInfo', made: 'The plan as the Thinker wrote it and as its format was read.' },
  edit: { noun: 'Edit', info: 'RolloutInfo', made: 'The edited picture, in the store.' },
  judge: { noun: 'Rollout', info: 'JudgedInfo', made: 'The rollout with its verdicts and reward.' },
  update: { noun: 'UpdateReport', info: 'StageInfo', made: 'All that is measured of a step.' },
} as const satisfies {
  readonly [K in HookName]: { noun: NameOf<Hooks[K]['noun']>; info: NameOf<Hooks[K]['info']>; made: string }
}

/** What a tap may not change, by the path in its noun: the id and the ids of what it was made from. */
export const HOOK_IDENTITY: {
  readonly [K in HookName]: (noun: Hooks[K]['noun']) => Readonly<Record<string, unknown>>
} = {
  synthesize: ({ id }) => ({ id }),
  curate: ({ sample }) => ({ 'sample.id': sample?.id }),
  plan: ({ id, sampleId, policyVersion }) => ({ id, sampleId, policyVersion }),
  edit: ({ editor, seed }) => ({ editor, seed }),
  judge: ({ id, sampleId, group, member, plan }) => ({ id, sampleId, group, member, 'plan.id': plan?.id }),
  update: ({ step, policyVersion }) => ({ step, policyVersion }),
}

/** In the order of the stages. */
export const HOOK_NAMES = Object.keys(HOOKS) as readonly HookName[]

/** Where in a run a noun was made. */
export interface StageInfo {
  /** Training step; 0 outside training. */
  readonly step: number
}

/** Which rollout a noun belongs to. */
export interface RolloutInfo extends StageInfo {
  /** The task. */
  readonly sample: Sample
  /** The id of the {@link Rollout}. */
  readonly rolloutId: string
}

/** What one judge made of its share of a question that was asked outside the reward. */
export type JudgeShare = {
  /** The judge's plugin, by its `id` or else its name. */
  readonly judge: string
  readonly items: readonly ChecklistItem[]
} & ({ readonly verdicts: readonly Verdict[] } | { readonly failure: Failure })

/** What there is of a sample for judges: of it they see what their scope holds and what they declare ({@link Judge.sees}). */
export type SeenOfSample = Pick<Sample, 'id' | 'instruction' | 'reference' | 'referenceImage'>

/** What a tap of `judge` gets beside the rollout. */
export interface JudgedInfo extends RolloutInfo {
  /** The run's seed. */
  readonly seed: number
  /** The project's pictures. */
  readonly images: ImageStore
  /**
   * Asks the run's judges about something else, until the run ends. Each item goes to the judge that would be asked for a
   * verdict, in the same queues, deadlines, cache, books and budgets; items that no judge answers are in no share. What comes back
   * enters no reward. A judge that fails is a share with its failure. What is thrown ends the run: let it through.
   *
   * @param about the sample that the question is about, for judges that see more of it. Default: that of the rollout
   */
  readonly ask: (question: JudgeRequest, about?: SeenOfSample) => Promise<readonly JudgeShare[]>
}

/** Returns a changed noun to transform it, or nothing to observe it; what it throws masks the rollout or ends the stage. */
export type Tap<K extends HookName> = (
  noun: Hooks[K]['noun'],
  info: Hooks[K]['info'],
) => Promise<Hooks[K]['noun'] | void> | Hooks[K]['noun'] | void

/** Where a tap stands among the taps of its hook. */
export interface TapOptions {
  /** Coarse order among the taps of a hook. Default `normal`. */
  readonly order?: 'pre' | 'normal' | 'post'
  /** Plugin names this tap must run before; naming a plugin that does not tap the hook is an error. */
  readonly before?: readonly string[]
  /** Plugin names this tap must run after. */
  readonly after?: readonly string[]
}
