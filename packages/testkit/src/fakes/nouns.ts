import type {
  ChecklistItem,
  TrainingSettings,
  FailureKind,
  ImageRef,
  Plan,
  Reward,
  Rollout,
  Sample,
  Scope,
  ThinkerInput,
  Verdict,
} from '@dda-thinker/plugin-api'

/** A checklist item; the question is made of the id unless given. */
export function makeItem(id: string, scope: Scope, given: Partial<ChecklistItem> = {}): ChecklistItem {
  return { id, scope, question: `Is ${id} as it should be?`, expected: 'yes', ...given }
}

/** A sample with one item of each scope. */
export function makeSample(given: Partial<Sample> = {}): Sample {
  return {
    id: 'sample-1',
    images: [{ hash: '0'.repeat(64), mediaType: 'image/png', width: 1, height: 1 }],
    instruction: 'What will the table look like a month later?',
    category: 'temporal',
    reference: 'The banana is rotten; everything else is as before.',
    checklist: [makeItem('plan', 'cognitive'), makeItem('picture', 'visual')],
    split: 'train',
    provenance: { plugin: 'testkit', seed: 1 },
    ...given,
  }
}

/** What a Thinker sees of a sample. */
export function inputOf({ id, images, instruction }: Sample): ThinkerInput {
  return { id, images, instruction }
}

/** A well-formed plan. The executable part is the text after the last `Plan:`, or all of it. */
export function makePlan(text: string, given: Partial<Plan> = {}): Plan {
  const mark = text.lastIndexOf('Plan:')
  const executable = mark === -1 ? text : text.slice(mark + 'Plan:'.length).trim()
  return {
    id: 'plan-1',
    sampleId: 'sample-1',
    text,
    reasoning: mark === -1 ? '' : text.slice(0, mark).trim(),
    executable,
    format: { ok: true },
    thinker: 'testkit',
    policyVersion: 0,
    seed: 1,
    ...given,
  }
}

export function makeVerdict(itemId: string, answer: Verdict['answer'] = 'yes', given: Partial<Verdict> = {}): Verdict {
  return { itemId, answer, judge: 'testkit', ...given }
}

/** A verdict for every item of the given scopes: the expected answer, or the other one for the ids in `failed`. */
export function makeVerdicts(
  checklist: readonly ChecklistItem[],
  options: { readonly failed?: readonly string[]; readonly scopes?: readonly Scope[] } = {},
): readonly Verdict[] {
  const { failed = [], scopes = ['cognitive', 'visual'] } = options
  return checklist
    .filter((item) => scopes.includes(item.scope))
    .map((item) => makeVerdict(item.id, failed.includes(item.id) === (item.expected === 'yes') ? 'no' : 'yes'))
}

/** A reward of one number, all of it at the end of the plan. */
export function makeReward(total: number): Reward {
  return { total, components: {}, items: [], extras: { score: total } }
}

/** A scored rollout of a plan. */
export function makeRollout(plan: Plan, reward: number | Reward, given: Partial<Rollout> = {}): Rollout {
  return {
    id: `rollout-of-${plan.id}`,
    sampleId: plan.sampleId,
    group: plan.sampleId,
    member: 0,
    plan,
    verdicts: [],
    reward: typeof reward === 'number' ? makeReward(reward) : reward,
    outcome: { kind: 'scored' },
    ...given,
  }
}

/** A rollout whose edit failed: it has a plan and neither edit nor reward. */
export function makeMaskedRollout(plan: Plan, kind: FailureKind = 'server', given: Partial<Rollout> = {}): Rollout {
  const { reward, ...rollout } = makeRollout(plan, 0, given)
  void reward
  const failure = { kind, stage: 'edit', code: 'DDA_EDITOR_FAILED', message: 'the Editor is away' } as const
  return { ...rollout, outcome: { kind: 'masked', failure } }
}

/** A picture that no store holds. */
export const MISSING_IMAGE: ImageRef = { hash: 'f'.repeat(64), mediaType: 'image/png', width: 8, height: 8 }

/** A small run of four steps, with a checkpoint every second one. */
export function makeTrainingSettings(given: Partial<TrainingSettings> = {}): Required<TrainingSettings> {
  return {
    steps: 4,
    checkpointEvery: 2,
    keepCheckpoints: 2,
    samplesPerStep: 2,
    groupSize: 4,
    temperature: 1,
    order: 'shuffle',
    filter: false,
    maxStaleness: 0,
    streams: [],
    samples: 4,
    ...given,
  }
}
