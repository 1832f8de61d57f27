import { SPLITS, Type } from '@dda-thinker/plugin-api'

// As record-shapes.ts: what the files of a data set must look like to be read at all.

const text = Type.String()
const number = Type.Number()
const count = Type.Integer({ minimum: 0 })

const facts = Type.Object({ sha256: text, count })

/** A `DataManifest`. */
export const DATA_MANIFEST = Type.Object({
  seed: number,
  synthesizers: Type.Array(text),
  samples: facts,
  annotator: Type.Optional(text),
  curators: Type.Optional(Type.Array(text)),
  curated: Type.Optional(Type.Object({ sha256: text, count, from: text })),
})

/** A `DecisionLine`. */
export const DECISION_LINE = Type.Object({
  sampleId: text,
  split: Type.Union(SPLITS.map((split) => Type.Literal(split))),
  kept: Type.Boolean(),
  reason: text,
  curator: Type.Optional(text),
  findings: Type.Optional(Type.Array(Type.Object({ finding: text }))),
})

/** A row that was set aside. */
export const SET_ASIDE_LINE = Type.Object({ where: text, reason: text, detail: Type.Optional(text) })
