// Edits one picture through a provider of the AI SDK and writes edited.png. The provider must be installed here, its key in
// the variable that it documents. Without OPENAI_API_KEY and --base-url it starts a stand-in of its own that speaks as OpenAI.
// From the repository's root, after `npm run build`:
//   OPENAI_API_KEY=... npx jiti plugins/ai-sdk/examples/edit-one-image.ts [--provider @ai-sdk/openai] [--model gpt-image-1]
//     [--plan "..."] [--source a.png] [--base-url http://gpu-1:8000/v1]
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { aiSdkEditor } from '@dda-thinker/ai-sdk'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { KEY, startWire } from '../src/wire.fixture.ts'

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: '@ai-sdk/openai' },
    model: { type: 'string', default: 'gpt-image-1' },
    plan: { type: 'string', default: 'Let the banana rot: brown spots all over its skin. Change nothing else.' },
    source: { type: 'string' },
    'base-url': { type: 'string' },
  },
})

const real =
  values['base-url'] !== undefined ||
  values.provider !== '@ai-sdk/openai' ||
  process.env['OPENAI_API_KEY'] !== undefined
const standIn = real ? undefined : await startWire()
if (standIn !== undefined) process.env['OPENAI_API_KEY'] = KEY
const baseURL = values['base-url'] ?? (standIn && `${standIn.url}/v1`)
const editor = aiSdkEditor(
  { provider: values.provider, model: values.model, options: baseURL === undefined ? {} : { baseURL } },
  import.meta.url,
)
const context = makeContext({ log: { debug: console.log, info: console.log, warn: console.warn } })
const image = await context.images.put(
  values.source === undefined ? makePng({ width: 64, height: 48 }) : await readFile(values.source),
)
await editor.open?.(context)
try {
  console.log(`fingerprint: ${editor.fingerprint}`)
  const request = { images: [image], plan: values.plan, seed: 1 }
  const { bytes, cost } = await editor.edit(request, { signal: context.signal })
  await writeFile('edited.png', bytes)
  console.log(`edited.png written, ${bytes.length} bytes, ${JSON.stringify(cost)}`)
} finally {
  await editor.close?.()
  await standIn?.close()
}
