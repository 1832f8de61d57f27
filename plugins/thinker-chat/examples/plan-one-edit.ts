// Plans one edit three times and prints the plans. Without --url it starts a stand-in server of its own.
// From the repository's root, after `npm run build`:
//   npx jiti plugins/thinker-chat/examples/plan-one-edit.ts [--source a.png] [--instruction "..."]
//     [--url http://gpu-1:8000/v1 --model Qwen3-VL-8B-Instruct --api-key-env MY_KEY]
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { chatThinker } from '@dda-thinker/thinker-chat'
import { startStandIn } from '../src/stand-in-server.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    model: { type: 'string', default: 'stand-in-vlm' },
    'api-key-env': { type: 'string' },
    source: { type: 'string' },
    instruction: { type: 'string', default: 'What will the table look like in a month?' },
  },
})

const standIn = values.url === undefined ? await startStandIn({ model: values.model }) : undefined
const apiKeyEnv = values['api-key-env']
const thinker = chatThinker({
  endpoint: values.url ?? standIn?.url ?? '',
  model: values.model,
  ...(apiKeyEnv === undefined ? {} : { apiKeyEnv }),
})
const context = makeContext({ log: { debug: console.log, info: console.log, warn: console.warn } })
const bytes = values.source === undefined ? makePng({ width: 64, height: 48 }) : await readFile(values.source)
const input = { id: 'sample', images: [await context.images.put(bytes)], instruction: values.instruction }
await thinker.open?.(context)
try {
  console.log(`fingerprint: ${thinker.fingerprint}`)
  const requests = [1, 2, 3].map((seed) => ({ id: `plan-${seed}`, input, seed }))
  for await (const result of thinker.plan(requests, { signal: context.signal })) {
    if ('error' in result) throw result.error
    const { id, executable, format } = result.plan
    console.log(`${id}: ${executable} [${format.ok ? 'well formed' : format.problem}]`)
  }
} finally {
  await thinker.close?.()
  await standIn?.close()
}
