import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { makePng } from '@dda-thinker/testkit'

/** What one request asks, as the server reads it. */
export interface Asked {
  readonly prompt: 'scene' | 'propose' | 'reference' | 'checklist' | 'source' | 'instruction' | 'reference-check'
  readonly text: string
  /** SHA-256 of each picture. */
  readonly pictures: readonly string[]
  readonly seed: number
  /** Of the same prompt about the same pictures, counted from 1. */
  readonly time: number
  readonly questions: readonly string[]
}

/** A text is what the model writes; a number is a status; `refusal` fills the field of that name. */
export type Reply = string | number | { readonly refusal: string }

export interface Vlm {
  readonly url: string
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

const PROMPTS: readonly (readonly [mark: string, prompt: Asked['prompt']])[] = [
  ['You write prompts', 'scene'],
  ['You write tasks', 'propose'],
  ['You write checklists', 'checklist'],
  ['You compare two pictures', 'source'],
  ['the words of the instruction alone', 'instruction'],
  ['a description of the ideal result', 'reference-check'],
  ['describe the ideal edited scene', 'reference'],
]

/** A chat server over real sockets whose model is a function. */
export async function startVlm(reply: (asked: Asked) => Reply): Promise<Vlm> {
  const asked: Asked[] = []
  const times = new Map<string, number>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const json = (status: number, body: unknown): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (request.url?.endsWith('/models') === true) return json(200, { data: [{ id: 'vlm', object: 'model' }] })
      const one = read(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body, times)
      asked.push(one)
      const said = reply(one)
      if (typeof said === 'number') return json(said, { error: { message: 'broken' } })
      const message = typeof said === 'string' ? { role: 'assistant', content: said } : { role: 'assistant', ...said }
      return json(200, {
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1000, completion_tokens: 100 },
      })
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Body {
  readonly seed: number
  readonly messages: readonly { readonly content: readonly { text?: string; image_url?: { url: string } }[] }[]
}

function read(body: Body, times: Map<string, number>): Asked {
  const parts = body.messages.flatMap(({ content }) => content)
  const text = parts.map((part) => part.text ?? '').join('')
  const pictures = parts.flatMap(({ image_url: image }) =>
    image === undefined ? [] : [hashOf(Buffer.from(image.url.slice(image.url.indexOf(',') + 1), 'base64'))],
  )
  const prompt = PROMPTS.find(([mark]) => text.includes(mark))?.[1] ?? 'propose'
  const key = `${prompt} ${pictures.join()} ${text}`
  const time = (times.get(key) ?? 0) + 1
  times.set(key, time)
  const questions = [...text.matchAll(/^\d+\. (.*)$/gm)].map(([, question = '']) => question)
  return { prompt, text, pictures, seed: body.seed, time, questions }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A picture of its own: blocks of colours drawn by the number. */
export function drawn(number: number, change = 0): Uint8Array {
  const random = mulberry32(number + 1)
  const blocks = Array.from({ length: 64 }, () => [random(), random(), random()].map((c) => Math.floor(200 * c)))
  return makePng({
    width: 64,
    height: 64,
    pixel: (x, y) => {
      const [r = 0, g = 0, b = 0] = blocks[(y >> 3) * 8 + (x >> 3)] ?? []
      return [r + (x === 3 && y === 3 ? change : 0), g, b]
    },
  })
}

const THINGS =
  'banana kettle ladder violin carpet lantern bicycle anchor mirror basket hammer pillow saddle teapot window curtain helmet barrel'.split(
    ' ',
  )
const FATES =
  'rusts melts ripens freezes burns wilts dries swells cracks fades leaks tips sprouts bends folds shrinks boils collapses'.split(
    ' ',
  )

/** An instruction that resembles no other one. */
export function instructionOf(number: number, seed = 0): string {
  const thing = THINGS[number % THINGS.length] ?? ''
  const fate = FATES[(number * 5 + seed) % FATES.length] ?? ''
  return `Suppose ${thing}${number} ${fate} under ${thing}${seed % 97}light: draw ${fate}${number}`
}

export function referenceOf(number: number): string {
  return `Thing ${number} has turned pale and lies on its side in a shallow pool, while wall, floor and light stay as before.`
}

/** A sound checklist, whose questions the sound model answers as it should. */
export function checklistOf(number: number): unknown {
  return {
    cognitive: [
      {
        question: `Does the plan say that thing${number} loses colour?`,
        expected: 'yes',
        aspect: 'change',
        critical: true,
        weight: 3,
      },
      { question: `Would the plan leave thing${number} upright?`, expected: 'no', aspect: 'change', weight: 1 },
    ],
    visual: [
      { question: `Is thing${number} pale?`, expected: 'yes', aspect: 'change', critical: true, weight: 2 },
      { question: `Does thing${number} stand upright?`, expected: 'no', aspect: 'change' },
      { question: 'Is the wall unchanged?', expected: 'yes', aspect: 'preservation' },
    ],
  }
}

/** Answers of a model that sees: changes are not there before the edit, what stays is, and words alone settle nothing. */
export function answers({ questions }: Asked, of: (question: string) => 'yes' | 'no' | 'unsure' | undefined): string {
  return JSON.stringify(Object.fromEntries(questions.map((question, i) => [String(i + 1), of(question) ?? 'unsure'])))
}

export function soundAnswer(question: string): 'yes' | 'no' | undefined {
  if (question.includes('unchanged')) return 'yes'
  if (question.includes('pale')) return 'no'
  return question.includes('upright') ? 'yes' : undefined
}
