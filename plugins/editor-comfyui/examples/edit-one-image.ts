// Edits one picture through the plugin and writes edited.png. Without --url it starts a stand-in server of its own.
// From the repository's root, after `npm run build`:
//   npx jiti plugins/editor-comfyui/examples/edit-one-image.ts [--plan "..."] [--source a.png]
//     [--url http://gpu-1:8188 --workflow my.workflow.json --image 1.inputs.image --prompt 5.inputs.prompt --seed 8.inputs.seed]
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { comfyEditor } from '@dda-thinker/editor-comfyui'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { startStandIn } from '../src/stand-in-server.ts'

const { values } = parseArgs({
  options: {
    plan: { type: 'string', default: 'Let the banana rot: brown spots all over its skin. Change nothing else.' },
    source: { type: 'string' },
    url: { type: 'string' },
    workflow: { type: 'string', default: fileURLToPath(new URL('edit.workflow.json', import.meta.url)) },
    image: { type: 'string', default: '1.inputs.image' },
    prompt: { type: 'string', default: '5.inputs.prompt' },
    seed: { type: 'string', default: '8.inputs.seed' },
  },
})

const standIn = values.url === undefined ? await startStandIn() : undefined
const editor = comfyEditor({
  endpoints: [values.url ?? standIn?.url ?? ''],
  workflow: values.workflow,
  slots: { image: values.image, prompt: values.prompt, seed: values.seed },
})
const context = makeContext({ log: { debug: console.log, info: console.log, warn: console.warn } })
const image = await context.images.put(
  values.source === undefined ? makePng({ width: 64, height: 48 }) : await readFile(values.source),
)
try {
  await editor.open?.(context)
  console.log(`fingerprint: ${editor.fingerprint}`)
  const request = { images: [image], plan: values.plan, seed: 1 }
  const { bytes, notes = [] } = await editor.edit(request, { signal: context.signal })
  await writeFile('edited.png', bytes)
  for (const note of notes) console.log(`note: ${note}`)
  console.log(`edited.png written, ${bytes.length} bytes`)
} finally {
  await editor.close?.()
  await standIn?.close()
}
