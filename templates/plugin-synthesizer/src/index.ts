import { API_VERSION, definePlugin, SYNTHESIZERS, Type, type Sample, type Synthesizer } from '@dda-thinker/plugin-api'
import sharp from 'sharp'

const NAME = '{{package}}'

const COLOURS = ['red', 'green', 'blue', 'orange', 'purple', 'black'] as const

/** Pictures of one coloured square, to be given another colour. Same request, same samples: everything follows from the seed. */
export function createSynthesizer(size: number): Synthesizer {
  return {
    async *synthesize({ seed, count }, context) {
      let index = 0
      for (const split of ['train', 'held-out'] as const) {
        for (let made = 0; made < count[split]; made++, index++) {
          context.signal.throwIfAborted()
          yield await square(seed, index, split)
        }
      }

      async function square(of: number, number: number, split: Sample['split']): Promise<Sample> {
        const from = colour(of + number)
        const to = colour(of + number + 1 + (Math.floor(number / COLOURS.length) % (COLOURS.length - 1)))
        const side = 8 + number + (of % 97) * 8
        const svg = `<svg width="${size}" height="${size}"><rect width="100%" height="100%" fill="white"/>
          <rect x="8" y="8" width="${8 + (side % (size - 16))}" height="${8 + ((side * 7) % (size - 16))}" fill="${from}"/></svg>`
        return {
          id: `${NAME}-${of}-${number}`,
          images: [await context.images.put(await sharp(Buffer.from(svg)).png().toBuffer())],
          instruction: `The ${from} square number ${number + 1} of set ${of} should match the colour of ${HINTS[to]}.`,
          category: 'logical',
          reference: `A ${to} square on white.`,
          checklist: [
            { id: 'names', scope: 'cognitive', question: `Does the plan make the square ${to}?`, expected: 'yes' },
            { id: 'shows', scope: 'visual', question: `Is the square ${to}?`, expected: 'yes' },
            {
              id: 'keeps',
              scope: 'visual',
              question: 'Is the background white?',
              expected: 'yes',
              aspect: 'preservation',
            },
          ],
          split,
          provenance: { plugin: NAME, seed: of, facts: { from, to } },
        }
      }
    },
  }
}

const HINTS = {
  red: 'blood',
  green: 'grass',
  blue: 'a clear sky',
  orange: 'a ripe pumpkin',
  purple: 'an aubergine',
  black: 'coal',
} as const satisfies Record<(typeof COLOURS)[number], string>

function colour(index: number): (typeof COLOURS)[number] {
  return COLOURS[index % COLOURS.length] ?? 'red'
}

export default definePlugin({
  name: NAME,
  apiVersion: API_VERSION,
  options: Type.Object({ size: Type.Integer({ minimum: 32, default: 128 }) }, { additionalProperties: false }),
  setup(api, { size }) {
    api.contribute(SYNTHESIZERS, () => createSynthesizer(size))
  },
})
