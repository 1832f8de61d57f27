// A ComfyUI server that runs already: it is in no package registry. Its workflow needs no model.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lookedThrough, trainedThrough } from './through.mjs'

const SLOTS = '{ image: 1.inputs.image, prompt: 2.inputs.string, seed: 4.inputs.seed }'

/** Nothing without the address of a server. */
export async function comfyRows(given) {
  const { root, folder, comfyui: url, today } = given
  if (url === undefined) return []
  const { system } = await (await fetch(`${url}/system_stats`)).json()
  const recording = readFileSync(join(root, 'plugins/editor-comfyui/src/comfyui-0.3.64.fixture.json'), 'utf8')
  const workflow = join(folder, 'comfy-workflow.json')
  writeFileSync(workflow, JSON.stringify(JSON.parse(recording).jobs.first.graph))
  const editor = `editor: { use: comfyui, endpoints: ['${url}'], workflow: '${workflow}', slots: ${SLOTS} }`
  const cwd = join(folder, 'comfyui')
  mkdirSync(cwd, { recursive: true })
  writeFileSync(
    join(cwd, 'dda.config.yaml'),
    `name: real-comfyui
seed: 3
thinker: { use: none }
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 0, held-out: 2 } }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
${editor}
`,
  )
  const looked = await lookedThrough(given, cwd, { thinker: 'thinker' })
  const trained = await trainedThrough(given, 'comfyui', { editor })
  return [
    {
      software: 'ComfyUI',
      version: system.comfyui_version,
      date: today,
      result: [...looked.said, ...trained.said].join('; '),
      set: '`output` where a workflow has several savers; what piles up on the server is yours to delete',
      ok: looked.ok && trained.ok,
    },
  ]
}
