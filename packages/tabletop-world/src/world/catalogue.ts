import { CUSTOM_ICONS } from './custom-icons.ts'

/** One word a person would use for the group a kind belongs to. */
export type Category =
  | 'fruit'
  | 'vegetable'
  | 'food'
  | 'animal'
  | 'plant'
  | 'flower'
  | 'tool'
  | 'dish'
  | 'paper'
  | 'toy'
  | 'vehicle'
  | 'garment'
  | 'device'
  | 'treasure'
  | 'weather'
  | 'thing'
  | 'number'
  | 'symbol'

/** The plural of a category, for questions such as "are all the tools rusty?". */
export const CATEGORY_PLURALS: Readonly<Record<Category, string>> = {
  fruit: 'fruits',
  vegetable: 'vegetables',
  food: 'foods',
  animal: 'animals',
  plant: 'plants',
  flower: 'flowers',
  tool: 'tools',
  dish: 'dishes',
  paper: 'papers',
  toy: 'toys',
  vehicle: 'vehicles',
  garment: 'garments',
  device: 'devices',
  treasure: 'treasures',
  weather: 'weather',
  thing: 'things',
  number: 'numbers',
  symbol: 'symbols',
}

/** What a kind is like; rules and states apply by tag, never by name. */
export type Tag =
  /** Spoils when left alone. */
  | 'perishable'
  /** A rooted or cut plant that droops without water. */
  | 'plant'
  /** Breaks when dropped or hit. */
  | 'fragile'
  /** Iron or steel: rusts. */
  | 'metal'
  | 'paper'
  | 'cloth'
  | 'wooden'
  /** Burns or chars. */
  | 'flammable'
  /** Loses its shape in the heat. */
  | 'meltable'
  /** Becomes another kind with time. */
  | 'growing'
  | 'living'
  | 'liquid'
  | 'edible'
  /** Stands on a shelf for years and gathers dust. */
  | 'lasting'
  | 'electric'

/** A kind of thing that can stand on the table. */
export interface Kind {
  /** Unique, lower case, one or two words: what plans call it. */
  readonly name: string
  /** Icon id in `@iconify-json/fluent-emoji-flat`, or of a drawing in `custom-icons.ts`. */
  readonly icon: string
  readonly category: Category
  readonly tags: readonly Tag[]
  /** `a`, `an` or, for plurals and mass nouns, `some`. */
  readonly article: 'a' | 'an' | 'some'
}

type Line = readonly [name: string, icon: string, tags?: string]

// One line a kind. Look-alikes at 30 px were left out on purpose (tomato/apple, peach/orange, fox/cat, pine/tree...).
const TABLE: Readonly<Record<Category, readonly Line[]>> = {
  fruit: [
    ['banana', 'banana', 'perishable edible'],
    ['apple', 'red-apple', 'perishable edible'],
    ['lemon', 'lemon', 'perishable edible'],
    ['grapes', 'grapes', 'perishable edible'],
    ['strawberry', 'strawberry', 'perishable edible'],
    ['pear', 'pear', 'perishable edible'],
    ['pineapple', 'pineapple', 'perishable edible'],
    ['watermelon', 'watermelon', 'perishable edible'],
    ['orange', 'tangerine', 'perishable edible'],
  ],
  vegetable: [
    ['carrot', 'carrot', 'perishable edible'],
    ['broccoli', 'broccoli', 'perishable edible'],
    ['corn', 'ear-of-corn', 'perishable edible'],
    ['eggplant', 'eggplant', 'perishable edible'],
    ['mushroom', 'mushroom', 'perishable edible'],
    ['pumpkin', 'jack-o-lantern', 'perishable edible'],
  ],
  food: [
    ['wheat', 'sheaf-of-rice', 'growing'],
    ['bread', 'bread', 'perishable edible flammable'],
    ['pizza', 'pizza', 'perishable edible flammable'],
    ['cookie', 'cookie', 'edible flammable'],
    ['pancakes', 'pancakes', 'edible flammable'],
    ['cake', 'birthday-cake', 'edible'],
    ['cheese', 'cheese-wedge', 'edible meltable'],
    ['butter', 'butter', 'edible meltable'],
    ['chocolate', 'chocolate-bar', 'edible meltable'],
    ['ice cream', 'soft-ice-cream', 'edible meltable'],
    ['popcorn', 'popcorn', 'edible'],
    ['egg', 'egg', 'edible fragile growing'],
    ['fried egg', 'cooking', 'edible'],
    ['milk', 'glass-of-milk', 'edible liquid'],
  ],
  animal: [
    ['chick', 'baby-chick', 'living growing'],
    ['chicken', 'chicken', 'living'],
    ['caterpillar', 'bug', 'living growing'],
    ['butterfly', 'butterfly', 'living'],
    ['tadpole', 'custom:tadpole', 'living growing'],
    ['frog', 'frog', 'living'],
    ['cat', 'cat-face', 'living'],
    ['dog', 'dog-face', 'living'],
    ['rabbit', 'rabbit-face', 'living'],
    ['fish', 'fish', 'living'],
    ['penguin', 'penguin', 'living'],
    ['turtle', 'turtle', 'living'],
    ['crab', 'crab', 'living'],
  ],
  plant: [
    ['seedling', 'seedling', 'plant growing'],
    ['chestnut', 'chestnut', 'growing'],
    ['tree', 'deciduous-tree', 'plant flammable'],
    ['flower bud', 'custom:bud', 'plant growing'],
    ['house plant', 'potted-plant', 'plant'],
    ['palm tree', 'palm-tree', 'plant flammable'],
    ['cactus', 'cactus', ''],
  ],
  flower: [
    ['tulip', 'tulip', 'plant'],
    ['sunflower', 'sunflower', 'plant'],
    ['rose', 'rose', 'plant'],
    ['hibiscus', 'hibiscus', 'plant'],
  ],
  tool: [
    ['hammer', 'hammer', 'metal lasting'],
    ['scissors', 'scissors', 'metal lasting'],
    ['saw', 'carpentry-saw', 'metal lasting'],
    ['axe', 'axe', 'metal lasting'],
    ['gear', 'gear', 'metal lasting'],
    ['anchor', 'anchor', 'metal lasting'],
    ['bucket', 'bucket', 'metal lasting'],
    ['key', 'key', 'metal lasting'],
  ],
  dish: [
    ['cup', 'hot-beverage', 'fragile liquid lasting'],
    ['teapot', 'teapot', 'fragile lasting'],
    ['bowl', 'bowl-with-spoon', 'fragile lasting'],
    ['wine glass', 'wine-glass', 'fragile liquid'],
    ['plate', 'fork-and-knife-with-plate', 'fragile'],
    ['vase', 'amphora', 'fragile lasting'],
  ],
  paper: [
    ['newspaper', 'newspaper', 'paper flammable lasting'],
    ['book', 'closed-book', 'paper flammable lasting'],
    ['letter', 'envelope', 'paper flammable'],
    ['scroll', 'scroll', 'paper flammable lasting'],
    ['map', 'world-map', 'paper flammable lasting'],
    ['gift', 'wrapped-gift', 'paper flammable'],
  ],
  toy: [
    ['ball', 'soccer-ball', 'lasting'],
    ['teddy bear', 'teddy-bear', 'cloth flammable lasting'],
    ['kite', 'kite', 'cloth flammable'],
    ['balloon', 'balloon'],
    ['die', 'game-die', 'lasting'],
  ],
  vehicle: [
    ['car', 'automobile', 'metal lasting'],
    ['train', 'locomotive', 'metal lasting'],
    ['boat', 'sailboat', 'wooden flammable lasting'],
    ['airplane', 'airplane', 'metal lasting'],
  ],
  garment: [
    ['shirt', 't-shirt', 'cloth flammable'],
    ['hat', 'top-hat', 'cloth flammable lasting'],
    ['scarf', 'scarf', 'cloth flammable'],
    ['socks', 'socks', 'cloth flammable'],
    ['gloves', 'gloves', 'cloth flammable'],
    ['umbrella', 'umbrella', 'cloth'],
  ],
  device: [
    ['camera', 'camera', 'electric fragile lasting'],
    ['clock', 'alarm-clock', 'metal fragile lasting'],
    ['light bulb', 'light-bulb', 'electric fragile'],
  ],
  treasure: [
    ['crown', 'crown', 'lasting'],
    ['diamond', 'gem-stone', ''],
    ['mirror', 'mirror', 'fragile lasting'],
  ],
  weather: [
    ['cloud', 'cloud', ''],
    ['star', 'star', ''],
  ],
  thing: [
    ['candle', 'candle', 'meltable'],
    ['snowman', 'snowman-without-snow', 'meltable'],
    ['ice', 'ice', ''],
    ['log', 'wood', 'wooden flammable'],
    ['chair', 'chair', 'wooden flammable lasting'],
    ['yarn', 'yarn', 'cloth flammable'],
    ['puddle', 'custom:puddle', 'liquid'],
    ['shards', 'custom:shards', ''],
    ['ash', 'custom:ash', ''],
  ],
  number: [
    ['one', 'keycap-1'],
    ['two', 'keycap-2'],
    ['three', 'keycap-3'],
    ['four', 'keycap-4'],
    ['five', 'keycap-5'],
    ['six', 'keycap-6'],
    ['seven', 'keycap-7'],
    ['eight', 'keycap-8'],
    ['nine', 'keycap-9'],
  ],
  symbol: [
    ['plus', 'plus'],
    ['minus', 'minus'],
    ['equals', 'heavy-equals-sign'],
    ['question mark', 'red-question-mark'],
  ],
}

// Plurals and mass nouns: "some grapes", "some milk".
const SOME = new Set(
  'grapes broccoli corn bread pancakes cheese butter chocolate popcorn milk scissors socks gloves wheat ice yarn shards ash'.split(
    ' ',
  ),
)

function article(name: string): Kind['article'] {
  if (SOME.has(name)) return 'some'
  return /^[aeiou]/.test(name) && name !== 'one' ? 'an' : 'a'
}

/** Every kind of thing, in a fixed order. */
export const KINDS: readonly Kind[] = Object.entries(TABLE).flatMap(([category, lines]) =>
  lines.map(([name, icon, tags = '']) => ({
    name,
    icon,
    category: category as Category,
    tags: tags.split(' ').filter(Boolean) as Tag[],
    article: article(name),
  })),
)

const BY_NAME: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind.name, kind]))

/** The kind of that exact name, or `undefined`. */
export function kindOf(name: string): Kind | undefined {
  return BY_NAME.get(name)
}

/** The kinds that carry every one of the tags, in catalogue order. */
export function kindsWith(...tags: readonly Tag[]): readonly Kind[] {
  return KINDS.filter((kind) => tags.every((tag) => kind.tags.includes(tag)))
}

/** The kinds of one category, in catalogue order. */
export function kindsOf(category: Category): readonly Kind[] {
  return KINDS.filter((kind) => kind.category === category)
}

/** Is this icon drawn by `custom-icons.ts`? */
export function isCustom(icon: string): icon is keyof typeof CUSTOM_ICONS {
  return icon in CUSTOM_ICONS
}
