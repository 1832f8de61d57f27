// One sample from one picture, made and checked before a small server that stands in for a vision-language model.
//
//     npx jiti plugins/synthesizer-vlm/examples/describe-a-picture.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawnPicture } from '@dda-thinker/endpoints'
import { makeContext } from '@dda-thinker/testkit'
import { vlmSynthesizer } from '../src/index.ts'

/** What a model would write about a red ball, by the words that each prompt begins with. */
const SCRIPT: readonly (readonly [mark: string, answer: object])[] = [
  ['You write tasks', { suitable: true, instruction: 'Show the ball after ten summers on a sunny window sill.' }],
  [
    'You write checklists',
    {
      cognitive: [{ question: 'Does the plan say that the red pales?', expected: 'yes', critical: true, weight: 2 }],
      visual: [
        { question: 'Is the ball a pale pink?', expected: 'yes', critical: true, weight: 2 },
        { question: 'Is the ball still a strong red?', expected: 'no' },
        { question: 'Is there a ball?', expected: 'yes' },
        { question: 'Is the ground grey?', expected: 'yes', aspect: 'preservation' },
      ],
    },
  ],
  // The third item is no change: the untouched picture passes it, and it will be dropped.
  ['You compare two pictures', { 1: 'no', 2: 'yes', 3: 'yes', 4: 'yes' }],
  ['You get an instruction', { 1: 'unsure', 2: 'unsure', 3: 'unsure', 4: 'unsure', 5: 'unsure' }],
  ['You get a description', { 1: 'yes', 2: 'no', 3: 'unsure', 4: 'yes' }],
  ['You see the picture', { reference: 'The ball has faded to a light, chalky rose. Its shape and the ground stay.' }],
]

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8')
    const content = JSON.stringify(SCRIPT.find(([mark]) => text.includes(mark))?.[1] ?? {})
    const body =
      request.url === '/v1/models'
        ? { data: [{ id: 'stand-in' }] }
        : { choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))

const images = await mkdtemp(join(tmpdir(), 'pictures-'))
await writeFile(join(images, 'ball.png'), drawnPicture(224))
const synthesizer = vlmSynthesizer({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
  model: 'stand-in',
  images,
  perImage: 1,
})
const context = {
  ...makeContext(),
  setAside: ({ where, reason, detail }: { where: string; reason: string; detail?: string }) =>
    console.log(`${where}: ${reason}: ${detail ?? ''}`),
}
await synthesizer.open?.(context)
for await (const sample of synthesizer.synthesize({ seed: 1, count: { train: 1, 'held-out': 0 } }, context)) {
  console.log(JSON.stringify(sample, undefined, 2))
}
await synthesizer.close?.()
server.close()
await rm(images, { recursive: true })
