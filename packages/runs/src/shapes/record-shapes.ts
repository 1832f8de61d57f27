import { Type } from '@dda-thinker/plugin-api'

/*
 * What records must look like to be read at all. A file that somebody edited, that a disk spoiled or that another program left under
 * the name is told by its place; it never becomes an error somewhere else. More than these fields is no fault.
 */

const anyObject = Type.Record(Type.String(), Type.Unknown())
const text = Type.String()
const number = Type.Number()
const count = Type.Integer({ minimum: 0 })
const numbers = Type.Record(Type.String(), number)

const image = Type.Object({
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  mediaType: Type.Union(['image/png', 'image/jpeg', 'image/webp'].map((type) => Type.Literal(type))),
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
})

const failure = Type.Object({
  kind: text,
  stage: text,
  code: text,
  message: text,
  plugin: Type.Optional(text),
})

/** A `Rollout`. */
export const ROLLOUT = Type.Object({
  id: text,
  sampleId: text,
  group: text,
  member: count,
  plan: Type.Optional(
    Type.Object({
      id: text,
      sampleId: text,
      text,
      reasoning: text,
      executable: text,
      format: Type.Object({ ok: Type.Boolean(), problem: Type.Optional(text) }),
      thinker: text,
      policyVersion: number,
      seed: number,
    }),
  ),
  edit: Type.Optional(Type.Object({ image, seed: number, editor: text, notes: Type.Optional(Type.Array(text)) })),
  asked: Type.Optional(Type.Array(text)),
  verdicts: Type.Array(
    Type.Object({
      itemId: text,
      answer: Type.Union(['yes', 'no', 'unsure'].map((answer) => Type.Literal(answer))),
      probability: Type.Optional(number),
      reason: Type.Optional(text),
      judge: text,
    }),
  ),
  reward: Type.Optional(
    Type.Object({
      total: number,
      // Versions before the check of rewards let one that is no number through, which JSON writes as null.
      components: Type.Record(Type.String(), Type.Union([number, Type.Null()])),
      items: Type.Array(
        Type.Object({
          itemId: text,
          scope: text,
          passed: Type.Boolean(),
          contribution: Type.Union([number, Type.Null()]),
        }),
      ),
      extras: Type.Record(Type.String(), Type.Union([number, Type.Null()])),
    }),
  ),
  outcome: Type.Union([
    Type.Object({ kind: Type.Literal('scored') }),
    Type.Object({ kind: Type.Literal('gated'), reason: text }),
    Type.Object({ kind: Type.Literal('masked'), failure }),
  ]),
})

/** A `JournalLine`. */
export const JOURNAL_LINE = Type.Union([
  Type.Object({ type: Type.Literal('rollout'), step: count, thinker: Type.Optional(text), rollout: ROLLOUT }),
  Type.Object({
    type: Type.Literal('step'),
    step: count,
    policyVersion: number,
    scored: count,
    gated: count,
    masked: count,
    reward: Type.Union([number, Type.Null()]),
  }),
  Type.Object({ type: Type.Literal('thinker'), thinker: text, fingerprint: text }),
])

const causes = Type.Array(Type.Object({ stage: text, code: text, kind: text, message: text, count, transient: count }))

/** A `MetricsLine`. A metric that is no number was written as null by older versions. */
export const METRICS_LINE = Type.Object({
  step: count,
  policyVersion: number,
  metrics: Type.Record(Type.String(), Type.Union([number, Type.Null()])),
  causes: Type.Optional(causes),
})

const uses = Type.Object({ bought: count, reused: count })

/** A `TimingLine`. */
export const TIMING_LINE = Type.Object({
  step: count,
  at: text,
  seconds: number,
  rolloutSeconds: number,
  updateSeconds: number,
  rollouts: count,
  edits: uses,
  judgements: uses,
})

/** A `RunManifest`. */
export const RUN_MANIFEST = Type.Object({
  task: Type.Union(['train', 'imitate', 'evaluate', 'benchmark', 'serve'].map((task) => Type.Literal(task))),
  created: text,
  ordinal: Type.Optional(count),
  seed: number,
  config: Type.Object({
    name: text,
    data: Type.Object({ dir: text }),
    eval: Type.Object({ split: text, confidence: Type.Union([number, text]) }),
    train: anyObject,
  }),
  options: anyObject,
  plugins: Type.Array(Type.Object({ kind: text, name: text, version: Type.Optional(text), path: text })),
  fingerprints: Type.Record(Type.String(), Type.Union([text, Type.Array(text)])),
  sights: Type.Optional(Type.Record(Type.String(), Type.Array(text))),
  data: Type.Object({ file: text, sha256: text, samples: count }),
  evaluated: Type.Optional(Type.Record(Type.String(), Type.Object({ run: text, step: count }))),
  node: text,
  git: Type.Optional(anyObject),
})

/** A `RunStatus`. */
export const RUN_STATUS = Type.Object({
  state: Type.Union(['running', 'interrupted', 'stopped', 'failed', 'finished'].map((state) => Type.Literal(state))),
  step: count,
  steps: count,
  updatedAt: text,
  error: Type.Optional(Type.Object({ code: text, message: text, next: Type.Optional(text) })),
})

/** A `CheckpointManifest`. */
export const CHECKPOINT_MANIFEST = Type.Object({
  format: Type.Union([Type.Literal(1), Type.Literal(2)]),
  step: count,
  policyVersion: number,
  journalBytes: count,
  metricsBytes: count,
  journalSha256: Type.Optional(text),
  metricsSha256: Type.Optional(text),
  files: Type.Record(Type.String(), Type.Object({ bytes: count, sha256: text })),
  plansAhead: Type.Optional(Type.Object({ bytes: count, sha256: text })),
  seal: Type.Optional(text),
})

const score = {
  samples: count,
  counted: count,
  scored: count,
  gated: count,
  masked: count,
  solved: Type.Optional(number),
  low: Type.Optional(number),
  high: Type.Optional(number),
  reward: Type.Optional(number),
}

/** `scores.json`: an `EvalSummary` by Thinker. */
export const SCORES = Type.Record(
  Type.String(),
  Type.Object({
    ...score,
    byCategory: Type.Record(Type.String(), Type.Object(score)),
    bySubtask: Type.Record(Type.String(), Type.Object(score)),
    maskedByKind: numbers,
    failures: Type.Object({ planWrong: count, imageWrong: count, unattributed: count, failed: numbers }),
  }),
)

const figures = Type.Record(Type.String(), Type.Union([number, Type.Null()]))
const estimate = Type.Object({
  count,
  value: Type.Optional(number),
  low: Type.Optional(number),
  high: Type.Optional(number),
})

/** A `BenchmarkRecord`. */
export const BENCHMARK_RECORD = Type.Object({
  name: text,
  rules: Type.Record(Type.String(), text),
  primary: text,
  fingerprint: text,
  judge: Type.Optional(text),
  samples: Type.Array(Type.Object({ id: text, category: text, instruction: text, images: Type.Array(image) })),
  confidence: number,
  thinkers: Type.Record(
    Type.String(),
    Type.Object({
      results: text,
      edited: count,
      causes: Type.Optional(causes),
      primary: Type.Optional(estimate),
      primaryByCategory: Type.Optional(Type.Record(Type.String(), estimate)),
      scores: Type.Optional(
        Type.Object({
          rows: Type.Array(Type.Object({ kind: text, name: text, n: count, measured: count, figures })),
          items: Type.Array(Type.Object({ id: text, category: text, figures })),
          problems: Type.Array(Type.Object({ item: text, question: text, problem: text, why: text })),
        }),
      ),
    }),
  ),
  differences: Type.Array(Type.Object({ a: text, b: text, count, unpaired: count })),
  references: Type.Array(
    Type.Object({
      name: text,
      figures: Type.Record(Type.String(), numbers),
      source: text,
      rules: Type.Record(Type.String(), text),
      conditions: text,
    }),
  ),
})

/** `plugin-timings.json`. */
export const PLUGIN_TIMINGS = Type.Array(Type.Object({ plugin: text, call: text, count, ms: number }))
