import { type Kind, KINDS, kindsOf, kindsWith } from '@dda-thinker/tabletop-world'
import * as wording from '../instructions/causal.ts'
import { changeRule, recovers } from './change-rule.ts'
import { FLOWERING, lacking, named } from './kinds.ts'

export const rain = changeRule({
  id: 'rain',
  category: 'causal',
  wording: wording.rain,
  because: 'Rain soaks paper and cloth. It runs off everything else.',
  befalls: [{ rule: 'rain-soaks', kinds: [...kindsWith('paper'), ...kindsWith('cloth')], to: 'wet', weight: 1 }],
  untouched: lacking(
    ['paper', 'cloth', 'living', 'meltable', 'flammable'],
    ['ice', 'cake', 'popcorn', 'egg', 'fried egg', 'wheat'],
  ),
})

export const drop = changeRule({
  id: 'drop',
  category: 'causal',
  wording: wording.drop,
  because: 'A fall cracks what is fragile. Everything else survives it.',
  befalls: [
    { rule: 'drop-cracks', kinds: kindsWith('fragile').filter((k) => !named(k, 'balloon')), to: 'cracked', weight: 1 },
  ],
  untouched: lacking(
    ['fragile', 'living', 'liquid', 'meltable', 'growing'],
    [
      'balloon',
      'ice',
      'cake',
      'cookie',
      'popcorn',
      'fried egg',
      'watermelon',
      'pumpkin',
      'pancakes',
      'cactus',
      'house plant',
      'cloud',
      'tree',
      'palm tree',
    ],
  ),
})

// Metal, pottery and stones stand the heat; glass and what holds a drink are left out.
const heatproof: readonly Kind[] = [
  ...kindsOf('tool'),
  ...kindsOf('dish').filter((k) => !k.tags.includes('liquid')),
  ...kindsOf('treasure').filter((k) => !named(k, 'mirror')),
  ...KINDS.filter((k) => named(k, 'train', 'star')),
]

export const heat = changeRule({
  id: 'heat',
  category: 'causal',
  wording: wording.heat,
  because: 'Great heat burns paper, cloth, wood and dough, melts what can melt, pops corn and fries eggs.',
  befalls: [
    { rule: 'heat-burns', kinds: kindsWith('flammable'), to: 'burnt', weight: 4 },
    { rule: 'heat-melts', kinds: kindsWith('meltable'), to: 'melted', weight: 1.5 },
  ],
  becomes: {
    pairs: [
      ['corn', 'popcorn'],
      ['egg', 'fried egg'],
      ['ice', 'puddle'],
    ],
    weight: 2.5,
  },
  untouched: heatproof,
})

export const freeze = changeRule({
  id: 'freeze',
  category: 'causal',
  wording: wording.freeze,
  because: 'Frost freezes what is full of water: fruit, vegetables, bread and drinks; a puddle becomes ice.',
  befalls: [
    { rule: 'freeze-fruit', kinds: kindsWith('perishable'), to: 'frozen', weight: 4 },
    { rule: 'freeze-drinks', kinds: kindsWith('liquid').filter((k) => !named(k, 'puddle')), to: 'frozen', weight: 2 },
  ],
  becomes: { pairs: [['puddle', 'ice']], weight: 1 },
  untouched: lacking(
    ['perishable', 'liquid', 'edible', 'plant', 'living', 'growing', 'meltable'],
    ['ice', 'cloud', 'balloon', 'cactus'],
  ),
  tempting: [{ kind: 'ice' }, { kind: 'snowman' }, { kind: 'ice cream' }],
})

export const water = changeRule({
  id: 'water',
  category: 'causal',
  wording: wording.water,
  because: 'A drooping plant that is watered stands up again. Watering does nothing for anything else.',
  befalls: [
    recovers(
      'water-revives',
      [...FLOWERING, ...KINDS.filter((k) => named(k, 'seedling', 'flower bud', 'tree', 'palm tree'))],
      'wilted',
      1,
    ),
  ],
  untouched: lacking(['paper', 'cloth', 'living', 'meltable', 'growing', 'plant', 'edible'], ['ice', 'cloud']),
  tempting: [
    ...kindsWith('perishable').map((k) => ({ kind: k.name, state: 'rotten' })),
    ...kindsOf('tool').map((k) => ({ kind: k.name, state: 'rusty' })),
    ...kindsOf('dish').map((k) => ({ kind: k.name, state: 'cracked' })),
  ],
})
