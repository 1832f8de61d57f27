import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPluginApi, temporaryFolder } from './dda.ts'
import type { Servers } from './wire-project.ts'

const SAMPLES_PLUGIN = `
import { API_VERSION, definePlugin, SYNTHESIZERS, Type } from '@dda-thinker/plugin-api'
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC'
async function* synthesize({ count }, { images }) {
  const image = await images.put(Buffer.from(PNG, 'base64'))
  for (let index = 0; index < count['held-out']; index += 1) {
    const id = 'sample-' + index
    yield {
      id, images: [image], instruction: 'Paint ' + id + '.', category: 'spatial', reference: id + ' in blue.',
      checklist: [
        { id: 'says', scope: 'cognitive', question: 'Does the plan name ' + id + '?', expected: 'yes' },
        { id: 'shows', scope: 'visual', question: 'Is ' + id + ' blue?', expected: 'yes' },
      ],
      split: 'held-out', provenance: { plugin: 'numbered-samples', seed: 0 },
    }
  }
}
export default definePlugin({
  name: 'numbered-samples', apiVersion: API_VERSION, options: Type.Object({}, { additionalProperties: false }),
  setup: (api) => api.contribute(SYNTHESIZERS, () => ({ synthesize })),
})
`

/**
 * A project in files whose Thinker, Editor and judge are services, for the command line. Without samples yet.
 *
 * @param atOnce requests at once to each service
 */
export function wireFiles(
  { thinker, editor, judge }: Servers,
  { samples, atOnce }: { readonly samples: number; readonly atOnce: number },
): string {
  const dir = temporaryFolder()
  installPluginApi(dir)
  writeFileSync(join(dir, 'numbered.mjs'), SAMPLES_PLUGIN)
  const pool = { perEndpoint: atOnce, model: 'stand-in-vlm' }
  const config = {
    synthesizer: [{ use: './numbered.mjs' }],
    synthesize: { count: { train: 0, 'held-out': samples } },
    thinker: { use: 'chat', endpoint: thinker.url, ...pool },
    editor: { use: 'openai', endpoints: [editor.url], perEndpoint: atOnce, price: { perEdit: 0.25 } },
    judge: [{ use: 'vlm', endpoint: judge.url, ...pool }],
    reward: { use: 'dual-atomic' },
  }
  writeFileSync(join(dir, 'dda.config.json'), JSON.stringify(config))
  return dir
}
