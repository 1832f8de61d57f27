// A whole project in one file, small enough to train in a second: the picture is one colour, the plan names another, the
// Editor paints it, and a table of preferences is the policy. Everything is real, only small.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import {
  API_VERSION,
  DdaError,
  definePlugin,
  definePluginSet,
  EDITOR,
  JUDGES,
  SYNTHESIZERS,
  TRAINER,
  Type,
} from '@dda-thinker/plugin-api'

const COLOURS = { red: [200, 30, 30], green: [30, 160, 60], blue: [40, 60, 200], grey: [120, 120, 120] }
const NAMES = Object.keys(COLOURS)
/** The reasoning to learn: what each wish means. */
const WISHES = { 'make it the colour of blood': 'red', 'show grass': 'green', 'think of a clear sky': 'blue' }
const CATEGORY = { red: 'causal', green: 'temporal', blue: 'spatial' }
const none = Type.Object({}, { additionalProperties: false })

const synthesizer = definePlugin({
  name: 'tiny-synthesizer',
  apiVersion: API_VERSION,
  options: none,
  setup(api) {
    api.contribute(SYNTHESIZERS, () => ({ synthesize }))
  },
})

async function* synthesize({ seed, count }, { images }) {
  for (const [split, wanted] of Object.entries(count)) {
    for (let i = 0; i < wanted; i++) {
      const [instruction, colour] = Object.entries(WISHES)[(i + seed) % 3]
      const image = await images.put(png(COLOURS.grey, i))
      yield {
        id: `${split}-${i}`,
        images: [image],
        instruction,
        category: CATEGORY[colour],
        subtask: colour,
        reference: `A ${colour} picture.`,
        checklist: [
          { id: 'names', scope: 'cognitive', question: `Does the plan say ${colour}?`, expected: 'yes' },
          { id: 'shows', scope: 'visual', question: `Is the picture ${colour}?`, expected: 'yes' },
          { id: 'dull', scope: 'visual', question: 'Is the picture grey?', expected: 'no' },
        ],
        split,
        demonstration: `paint ${colour}`,
        provenance: { plugin: 'tiny-synthesizer', seed },
      }
    }
  }
}

const editor = definePlugin({
  name: 'tiny-editor',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      swap: Type.Boolean({ default: false }),
      failOn: Type.Optional(Type.String()),
      bug: Type.Boolean({ default: false }),
    },
    { additionalProperties: false },
  ),
  setup(api, options) {
    if (options.bug) throw new Error('the bug in setup')
    api.provide(EDITOR, () => ({
      fingerprint: `tiny-editor swap=${options.swap}` + (options.failOn === undefined ? '' : ' failing'),
      supports: { determinism: 'bitwise', concurrency: 4, maxImages: 1 },
      async edit({ plan, seed }) {
        if (options.failOn !== undefined && plan.includes(options.failOn)) {
          throw new DdaError('DDA_EDITOR_TIMEOUT', 'No edit came.', { kind: 'timeout' })
        }
        const named = NAMES.find((name) => plan.includes(name)) ?? 'grey'
        const drawn = options.swap && named === 'red' ? 'green' : named
        return { bytes: png(COLOURS[drawn], seed % 1000) }
      },
    }))
  },
})

const judge = definePlugin({
  name: 'tiny-judge',
  apiVersion: API_VERSION,
  options: none,
  setup(api) {
    let store
    api.contribute(JUDGES, () => ({
      fingerprint: 'tiny-judge',
      scopes: ['cognitive', 'visual'],
      concurrency: 4,
      async open({ images }) {
        store = images
      },
      async judge(request) {
        const said = request.scope === 'cognitive' ? request.plan : nameOf(await store.get(request.edited))
        return request.items.map(({ id, question }) => {
          const asked = NAMES.find((name) => question.includes(name))
          return {
            itemId: id,
            answer: said.includes(asked) ? 'yes' : 'no',
            reason: `It is ${said}.`,
            judge: 'tiny-judge',
          }
        })
      },
    }))
  },
})

const trainer = definePlugin({
  name: 'tiny-trainer',
  apiVersion: API_VERSION,
  options: Type.Object(
    { rate: Type.Number({ default: 0.5 }), slow: Type.Number({ default: 0 }) },
    { additionalProperties: false },
  ),
  setup(api, options) {
    api.provide(TRAINER, () => makeTrainer(options))
  },
})

function makeTrainer({ rate, slow }) {
  let logits = Object.fromEntries(Object.keys(WISHES).map((wish) => [wish, { red: 0, green: 0, blue: 0, grey: 1 }]))
  let policyVersion = 0
  const probabilities = (wish) => {
    const weights = NAMES.map((name) => Math.exp(logits[wish][name]))
    const sum = weights.reduce((a, b) => a + b, 0)
    return weights.map((weight) => weight / sum)
  }
  const learn = (wish, name, amount) => {
    const p = probabilities(wish)
    NAMES.forEach((other, i) => (logits[wish][other] += rate * amount * ((other === name ? 1 : 0) - p[i])))
  }
  const fingerprint = () => `tiny-policy@${policyVersion}`
  return {
    fingerprint: 'tiny-trainer',
    supports: {
      estimators: ['reinforce++'],
      critic: false,
      images: false,
      lora: false,
      klPlace: [],
      lossAggregation: [],
      groupCentre: [],
      streams: [],
    },
    get policyVersion() {
      return policyVersion
    },
    thinker: {
      get fingerprint() {
        return fingerprint()
      },
      async *plan(requests) {
        for (const { id, input, seed, temperature } of requests) {
          const p = probabilities(input.instruction)
          let u = (Math.imul(seed, 2654435761) >>> 0) / 2 ** 32
          let chosen = temperature === 0 ? p.indexOf(Math.max(...p)) : 0
          if (temperature !== 0) while (chosen < 3 && (u -= p[chosen]) > 0) chosen += 1
          const text = `paint ${NAMES[chosen]}`
          const tokens = { ids: [chosen], logProbs: [Math.log(p[chosen])], ends: [text.length] }
          const facts = { thinker: fingerprint(), policyVersion, seed, tokens }
          yield {
            id,
            plan: { id, sampleId: input.id, text, reasoning: '', executable: text, format: { ok: true }, ...facts },
          }
        }
      },
    },
    async update({ step, rollouts, inputs }) {
      if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow))
      const scored = rollouts.filter(({ outcome }) => outcome.kind !== 'masked')
      const mean = scored.reduce((sum, { reward }) => sum + reward.total, 0) / scored.length
      const wishes = new Map(inputs.map(({ id, instruction }) => [id, instruction]))
      for (const { sampleId, plan, reward } of scored) {
        learn(wishes.get(sampleId), NAMES[plan.tokens.ids[0]], reward.total - mean)
      }
      policyVersion += 1
      return {
        step,
        policyVersion,
        metrics: { 'policy/loss': -mean, 'policy/entropy': entropy(probabilities(Object.keys(WISHES)[0])) },
      }
    },
    async imitate(demonstrations) {
      for (const { input, text } of demonstrations) learn(input.instruction, text.replace('paint ', ''), 1)
      policyVersion += 1
      return { step: policyVersion, policyVersion, metrics: { 'imitation/loss': 1 } }
    },
    async save(folder) {
      await writeFile(join(folder, 'state.json'), JSON.stringify({ logits, policyVersion }))
    },
    async load(folder) {
      ;({ logits, policyVersion } = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')))
    },
  }
}

const brokenHook = definePlugin({
  name: 'tiny-broken-hook',
  apiVersion: API_VERSION,
  options: none,
  setup(api) {
    api.tap('synthesize', (sample) => {
      if (sample.id === 'train-1') throw new TypeError('the bug in the hook')
    })
  },
})

export default definePluginSet({ synthesizer, editor, judge, trainer, plugin: brokenHook })

function entropy(p) {
  return -p.reduce((sum, value) => sum + value * Math.log(value), 0)
}

/** An 8 × 8 picture of one colour; `salt` makes its bytes differ. */
function png([r, g, b], salt) {
  const row = Buffer.from([0, ...Array.from({ length: 8 }, () => [r, g, b]).flat()])
  const header = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0])
  const chunks = [
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`salt\0${salt}`)),
    chunk('IDAT', deflateSync(Buffer.concat(Array(8).fill(row)))),
  ]
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...chunks, chunk('IEND', Buffer.alloc(0))])
}

function nameOf(bytes) {
  const file = Buffer.from(bytes)
  const [, r, g, b] = inflateSync(file.subarray(file.indexOf('IDAT') + 4))
  return NAMES.find((name) => COLOURS[name].join() === [r, g, b].join()) ?? 'nothing'
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc(body))
  return Buffer.concat([length, body, sum])
}

function crc(data) {
  let value = 0xffffffff
  for (const byte of data) {
    value ^= byte
    for (let i = 0; i < 8; i++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return (value ^ 0xffffffff) >>> 0
}
