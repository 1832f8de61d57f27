// Edits one picture through the plugin and writes edited.png. Without --url it starts a stand-in server of its own.
// From the repository's root, after `npm run build`:
//   npx jiti plugins/editor-edit-http/examples/edit-one-image.ts [--plan "..."] [--source a.png] [--url http://gpu-1:8003]
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { editHttpEditor } from '@dda-thinker/editor-edit-http'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { startStandIn } from '../src/stand-in-server.ts'

const { values } = parseArgs({
  options: {
    plan: { type: 'string', default: 'Let the banana rot: brown spots all over its skin. Change nothing else.' },
    source: { type: 'string' },
    url: { type: 'string' },
    model: { type: 'string', default: 'stand-in' },
  },
})

const standIn = values.url === undefined ? await startStandIn() : undefined
const editor = editHttpEditor({
  endpoints: [values.url ?? standIn?.url ?? ''],
  model: values.model,
  params: { num_inference_steps: 28 },
})
const context = makeContext({ log: { debug: console.log, info: console.log, warn: console.warn } })
const image = await context.images.put(
  values.source === undefined ? makePng({ width: 64, height: 48 }) : await readFile(values.source),
)
await editor.open?.(context)
try {
  console.log(`fingerprint: ${editor.fingerprint}`)
  const { bytes } = await editor.edit({ images: [image], plan: values.plan, seed: 1 }, { signal: context.signal })
  await writeFile('edited.png', bytes)
  console.log(`edited.png written, ${bytes.length} bytes`)
} finally {
  await editor.close?.()
  await standIn?.close()
}
