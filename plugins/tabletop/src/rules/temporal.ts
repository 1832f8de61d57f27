import { type Kind, KINDS, kindsOf, kindsWith } from '@dda-thinker/tabletop-world'
import * as wording from '../instructions/temporal.ts'
import { changeRule, recovers } from './change-rule.ts'
import { FLOWERING, lacking, named } from './kinds.ts'

// Things that look the same whether a month or some years have passed.
const steady: readonly Kind[] = lacking(
  ['perishable', 'plant', 'growing', 'living', 'meltable', 'edible', 'liquid'],
  ['ice', 'balloon', 'cloud'],
)

export const month = changeRule({
  id: 'month',
  category: 'temporal',
  wording: wording.month,
  because: 'In a month, fruit, vegetables and bread spoil, flowers droop, what melts has melted, and an egg hatches.',
  befalls: [
    { rule: 'month-spoils', kinds: kindsWith('perishable'), to: 'rotten', weight: 5 },
    { rule: 'month-droops', kinds: FLOWERING, to: 'wilted', weight: 2.5 },
    {
      rule: 'month-melts',
      kinds: KINDS.filter((k) => named(k, 'ice cream', 'snowman', 'butter')),
      to: 'melted',
      weight: 1,
    },
  ],
  becomes: { pairs: [['egg', 'chick']], weight: 1 },
  untouched: steady,
})

export const hours = changeRule({
  id: 'hours',
  category: 'temporal',
  wording: wording.hours,
  because: 'A few hours of warmth melt what can melt; ice is a puddle by then. Nothing else changes so soon.',
  befalls: [{ rule: 'hours-melts', kinds: kindsWith('meltable'), to: 'melted', weight: 4 }],
  becomes: { pairs: [['ice', 'puddle']], weight: 1.3 },
  untouched: lacking(['meltable', 'plant', 'growing', 'liquid'], ['ice', 'cake', 'cloud']),
  tempting: kindsWith('perishable').map((k) => ({ kind: k.name })),
})

/** The young with what they grow up to be. */
export const GROWTH = [
  ['seedling', 'tree'],
  ['chestnut', 'tree'],
  ['chick', 'chicken'],
  ['caterpillar', 'butterfly'],
  ['tadpole', 'frog'],
  ['flower bud', 'tulip'],
] as const

export const years = changeRule({
  id: 'years',
  category: 'temporal',
  wording: wording.years,
  because: 'In some years every young living thing has grown up. What is grown, and what does not live, stays.',
  befalls: [],
  becomes: { pairs: GROWTH, weight: 1 },
  untouched: steady.filter((k) => !k.tags.includes('metal')),
  tempting: [{ kind: 'tree' }, { kind: 'chicken' }, { kind: 'frog' }, { kind: 'butterfly' }],
})

/** Kinds with what they came from, one stage earlier. */
export const EARLIER: readonly (readonly [string, string])[] = [
  ['tree', 'seedling'],
  ['chicken', 'chick'],
  ['chick', 'egg'],
  ['butterfly', 'caterpillar'],
  ['frog', 'tadpole'],
  ['tulip', 'flower bud'],
  ['bread', 'wheat'],
  ['cheese', 'milk'],
  ['popcorn', 'corn'],
]

export const past = changeRule({
  id: 'past',
  category: 'temporal',
  wording: wording.past,
  because: 'Going back in time, each thing is what it came from, one stage earlier, and decay is undone.',
  befalls: [
    recovers('past-unrusts', kindsWith('metal'), 'rusty', 2),
    recovers('past-unspoils', kindsWith('perishable'), 'rotten', 2),
  ],
  becomes: {
    pairs: EARLIER,
    weight: 6,
  },
  untouched: steady,
  tempting: [{ kind: 'tadpole' }, { kind: 'caterpillar' }, { kind: 'chestnut' }],
})

export const century = changeRule({
  id: 'century',
  category: 'temporal',
  wording: wording.century,
  because: 'A hundred damp years turn iron and steel rusty. Gold, glass, stone and pottery last.',
  befalls: [{ rule: 'century-rusts', kinds: kindsWith('metal'), to: 'rusty', weight: 1 }],
  untouched: [
    ...kindsOf('dish').filter((k) => !k.tags.includes('liquid')),
    ...kindsOf('treasure'),
    ...KINDS.filter((k) => named(k, 'ball', 'die', 'star', 'light bulb')),
  ],
})
