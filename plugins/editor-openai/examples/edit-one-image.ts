// Edits one picture through the plugin and writes edited.png. Without --url it starts a stand-in server of its own.
// From the repository's root, after `npm run build`:
//   npx jiti plugins/editor-openai/examples/edit-one-image.ts [--plan "..."] [--source a.png]
//     [--url http://gpu-1:8000/v1 --dialect vllm-omni --api-key-env MY_KEY]
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type EditorOptions, openAiEditor } from '@dda-thinker/editor-openai'
import { makeContext, makePng } from '@dda-thinker/testkit'
import { startStandIn } from '../src/stand-in-server.ts'

const { values } = parseArgs({
  options: {
    plan: { type: 'string', default: 'Let the banana rot: brown spots all over its skin. Change nothing else.' },
    source: { type: 'string' },
    url: { type: 'string' },
    dialect: { type: 'string', default: 'vllm-omni' },
    'api-key-env': { type: 'string' },
  },
})

const standIn = values.url === undefined ? await startStandIn() : undefined
const apiKeyEnv = values['api-key-env']
const editor = openAiEditor({
  endpoints: [values.url ?? standIn?.url ?? ''],
  dialect: values.dialect as EditorOptions['dialect'],
  ...(apiKeyEnv === undefined ? {} : { apiKeyEnv }),
})
const context = makeContext({ log: { debug: console.log, info: console.log, warn: console.warn } })
const image = await context.images.put(
  values.source === undefined ? makePng({ width: 64, height: 48 }) : await readFile(values.source),
)
await editor.open?.(context)
try {
  console.log(`fingerprint: ${editor.fingerprint}`)
  const {
    bytes,
    cost,
    notes = [],
  } = await editor.edit({ images: [image], plan: values.plan, seed: 1 }, { signal: context.signal })
  await writeFile('edited.png', bytes)
  for (const note of notes) console.log(`note: ${note}`)
  console.log(`edited.png written, ${bytes.length} bytes${cost === undefined ? '' : `, cost ${JSON.stringify(cost)}`}`)
} finally {
  await editor.close?.()
  await standIn?.close()
}
