import { deflateSync } from 'node:zlib'
import type { ChecklistItem, ImageRef, Rollout, Sample, Verdict } from '@dda-thinker/plugin-api'
import type { ReportInput, ReportStep } from '@dda-thinker/report'

/** Invented data in the shape of a real run: for tests and for looking at the report's design, never for results. */
export function inventReport(
  options: {
    readonly samples?: number
    readonly steps?: number
    readonly text?: string
    /** Whether the runs kept books. */
    readonly books?: boolean
  } = {},
): {
  readonly input: ReportInput
  readonly image: (image: ImageRef) => Promise<Uint8Array>
} {
  const { samples: count = 160, steps = 120, text = '', books = true } = options
  const random = lcg(11)
  const subtasks = [
    ['temporal', 'decay', 'A month passes. Show the fruit on the left as it would be then.'],
    ['temporal', 'growth', 'Leave the seedling alone for ten years.'],
    ['causal', 'rain', 'It rained on the table for an hour. What changed?'],
    ['causal', 'dropped', 'Somebody knocked the glass over the edge.'],
    ['spatial', 'swap-outermost', 'Swap the two things furthest from each other.'],
    ['spatial', 'mirror', 'Make it look as in a mirror.'],
    ['logical', 'odd-one-out', 'Remove what does not belong.'],
    ['logical', 'sum', 'Put as many apples as there are cups and pears together.'],
  ] as const
  const samples = Array.from({ length: count }, (_, i): Sample => {
    const [category, subtask, instruction] = subtasks[i % subtasks.length] ?? subtasks[0]
    return {
      id: `held-out-${String(i).padStart(4, '0')}`,
      images: [ref(`source-${i}`)],
      instruction: instruction + text,
      category: category + text,
      subtask: subtask + text,
      reference: 'The banana is rotten and nothing else has changed.',
      checklist: items(text),
      split: 'held-out',
      provenance: { plugin: 'fixture', seed: i },
    }
  })
  const arm = (id: string, label: string, skill: (i: number) => number) => ({
    id,
    label: label + text,
    thinker: `${id}@${'4f1c9a'.repeat(3)}${text}`,
    editor: `tabletop-editor@1.0.0 jitter=0.02${text}`,
    rollouts: samples.map((sample, i) => rollout(sample, id, random() < skill(i), random() < 0.012, i, text)),
  })
  return {
    input: {
      project: `Tabletop demo${text}`,
      run: `train-1a2b3c4d${text}`,
      createdAt: '2026-01-15T10:00:00Z',
      seed: 1,
      split: 'held-out',
      confidence: 0.95,
      samples,
      arms: [
        arm('none', 'No plan', () => 0.03),
        arm('base', 'Base policy', (i) => 0.2 + 0.03 * (i % 8)),
        arm('trained', 'Trained', (i) => 0.98 - 0.035 * (i % 8)),
      ],
      evaluations: [],
      steps: Array.from({ length: steps }, (_, step) => inventStep(step + 1, steps, random)),
      seconds: { setup: 41.2, train: 151.7, total: 268.4 },
      causes: {},
      spending: [
        { run: `train-1a2b3c4d${text}`, task: 'Training', rows: books ? spending(text) : [], seconds: 151.7 },
        { run: 'evaluate-5e6f', task: 'Evaluation', rows: [], seconds: 12 },
      ],
      facts: [
        { label: 'Samples', value: '1 000 train, 160 held-out' },
        { label: 'Reward', value: `reward-dual-atomic@0.1.0${text}` },
        { label: 'Visual judge recognition, measured', value: '99.2 % of 2 400 objects' },
      ],
      config: `name: tabletop demo${text}\nseed: 1\neditor:\n  use: tabletop\n  jitter: 0.02\n`,
      notes: [`An extra note.${text}`],
    },
    image: async ({ hash }) => Buffer.from(picture(hash)),
  }
}

function spending(text: string): ReportInput['spending'][number]['rows'] {
  const call = { calls: 1300, ms: 390_000, failed: { timeout: 12, 'rate-limited': 3 } }
  return [
    { stage: 'plan', plugin: 'trainer-onnx', results: 15_360 },
    { stage: 'edit', plugin: `editor-openai${text}`, results: 1285 },
    { stage: 'edit', plugin: 'editor-openai', endpoint: `http://editor-1:8000/v1${text}`, ...call, money: 51.4 },
    { stage: 'judge', plugin: 'judge-vlm', results: 2570 },
    {
      stage: 'judge',
      plugin: 'judge-vlm',
      endpoint: 'https://judge:8000/v1',
      calls: 2570,
      ms: 1_285_000,
      inputTokens: 2_570_000,
      outputTokens: 51_400,
      money: 1.285,
    },
  ]
}

function items(text: string): readonly ChecklistItem[] {
  return [
    {
      id: 'says-rotten',
      scope: 'cognitive',
      question: `Does the plan say that the banana rots?${text}`,
      expected: 'yes',
    },
    { id: 'touches-cup', scope: 'cognitive', question: 'Does the plan change the cup?', expected: 'no' },
    {
      id: 'shows-rotten',
      scope: 'visual',
      question: 'Is the banana at the left rotten?',
      expected: 'yes',
      critical: true,
    },
    { id: 'keeps-cup', scope: 'visual', question: 'Is the cup still where it was?', expected: 'yes' },
  ]
}

function rollout(sample: Sample, arm: string, solves: boolean, fails: boolean, i: number, text: string): Rollout {
  const base = { id: `${arm}/${sample.id}`, sampleId: sample.id, group: sample.id, member: 0 }
  if (fails) {
    const failure = {
      kind: 'timeout',
      stage: 'edit',
      code: 'DDA_EDITOR_TIMEOUT',
      message: 'No edit within 30 s.',
    } as const
    return { ...base, verdicts: [], outcome: { kind: 'masked', failure } }
  }
  const wrong = solves ? undefined : sample.checklist[(i * 7) % sample.checklist.length]?.id
  const verdicts = sample.checklist.map(({ id, expected }): Verdict => {
    const answer = (id === wrong) === (expected === 'yes') ? 'no' : 'yes'
    return { itemId: id, answer, judge: 'fixture', reason: `Seen so in the picture.${text}` }
  })
  const contribution = 1 / sample.checklist.length
  return {
    ...base,
    plan: {
      id: base.id,
      sampleId: sample.id,
      text: '',
      reasoning: arm === 'none' ? '' : `A month is long for fruit; the cup does not age.${text}`,
      executable: `replace the banana at the left with a rotten banana\nkeep everything else${text}`,
      format: { ok: true },
      thinker: arm,
      policyVersion: 0,
      seed: 1,
    },
    edit: { image: ref(`${arm}-${solves ? 'good' : 'bad'}-${i}`), seed: 1, editor: 'fixture' },
    verdicts,
    reward: {
      total: solves ? 1 : 1 - contribution,
      components: { cognitive: 1, visual: 1 },
      items: sample.checklist.map(({ id, scope }) => ({
        itemId: id,
        scope,
        passed: id !== wrong,
        contribution: id === wrong ? 0 : contribution,
      })),
      extras: {},
    },
    outcome: { kind: 'scored' },
  }
}

function inventStep(step: number, steps: number, random: () => number): ReportStep {
  const progress = 1 / (1 + Math.exp(-8 * (step / steps - 0.4)))
  const noisy = (value: number): number => Math.min(1, Math.max(0, value + (random() - 0.5) * 0.12))
  return {
    step,
    scored: 127,
    masked: step % 40 === 0 ? 1 : 0,
    gated: 0,
    reward: noisy(0.45 + 0.5 * progress),
    components: { cognitive: noisy(0.4 + 0.55 * progress), visual: noisy(0.5 + 0.45 * progress), format: noisy(0.97) },
    solved: noisy(0.3 + 0.6 * progress),
    solvedByCategory: {
      temporal: noisy(0.25 + 0.7 * progress),
      causal: noisy(0.3 + 0.62 * progress),
      spatial: noisy(0.35 + 0.5 * progress),
      logical: noisy(0.2 + 0.6 * progress),
    },
    metrics: {
      'policy/entropy': 1.4 - 0.9 * progress + random() * 0.05,
      'kl/reference': 0.12 * progress + random() * 0.01,
      'value/loss': 0.2 * (1 - progress) + 0.03 + random() * 0.02,
      'value/explained_variance': 0.8 * progress + random() * 0.05,
      'policy/clip_fraction': 0.1 + random() * 0.05,
      'policy/approx_kl': 0.01 + random() * 0.004,
    },
  }
}

function ref(name: string): ImageRef {
  return { hash: name, mediaType: 'image/png', width: 320, height: 176 }
}

/** A flat coloured square, as an uncompressed PNG. */
function picture(name: string): Uint8Array {
  const [r, g, b] = [0, 1, 2].map(
    (i) => 90 + (Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte + i * 77) % 9973, 7) % 140),
  )
  const row = Buffer.concat([
    Buffer.from([0]),
    Buffer.from(Array.from({ length: 16 }, () => [r, g, b] as number[]).flat()),
  ])
  const header = Buffer.from([0, 0, 0, 16, 0, 0, 0, 16, 8, 2, 0, 0, 0])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: 16 }, () => row)))
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
