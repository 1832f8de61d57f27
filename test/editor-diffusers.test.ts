import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installPluginApi, root, temporaryFolder } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'
import { readJournalFile } from './support/records.ts'
import { python, withoutPython } from './support/tiny-torch.ts'

// Whole evaluations, with PyTorch in a process of its own.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 600_000 })

const dir = temporaryFolder()

const config = (editor: string): string => `name: tiny-diffusers
seed: 3
thinker: { use: none }
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 0, held-out: 6 } }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
editor: ${editor}
`

const editor = (more: string): string =>
  `{ use: diffusers, model: ./pipeline, device: cpu, threads: 1, pixels: 4096, cutPlans: true, batch: 3, ${more} }`

afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe.skipIf(python === undefined)(`a pipeline of diffusers as the Editor of a run${withoutPython}`, () => {
  beforeAll(async () => {
    installPluginApi(dir)
    const script = join(root, 'plugins/editor-diffusers/python/tests/tiny_pipeline.py')
    execFileSync(python ?? 'python3', [script, join(dir, 'pipeline'), 'instruct-pix2pix'], { stdio: 'pipe' })
    writeFileSync(join(dir, 'dda.config.yaml'), config(editor('params: { num_inference_steps: 2 }')))
    const made = await ddaHere(dir, 'synthesize')
    if (made.ok !== true) throw new Error(JSON.stringify(made.error))
  })

  test('every rollout is scored, and a second run gives the same pictures', async () => {
    const first = await ddaHere(dir, 'eval', '--thinker', 'thinker', '--name', 'first')
    expect(first, JSON.stringify(first.error)).toMatchObject({
      ok: true,
      data: { thinkers: { thinker: { samples: 6, scored: 6, masked: 0 } } },
    })
    const { rollouts } = readJournalFile(dir, 'first')
    for (const { edit } of rollouts) {
      expect(edit?.editor).toMatch(/^editor-diffusers\/2 .*"pipeline":"StableDiffusionInstructPix2PixPipeline"/)
      expect(edit?.image).toMatchObject({ mediaType: 'image/png', width: expect.any(Number) as number })
    }
    const again = await ddaHere(dir, 'eval', '--thinker', 'thinker', '--name', 'again')
    expect(again.ok).toBe(true)
    const hashes = (name: string) => readJournalFile(dir, name).rollouts.map(({ edit }) => edit?.image.hash)
    expect(hashes('again')).toEqual(hashes('first'))
  })

  test('a mistake in the settings ends the command with its code and masks nothing', async () => {
    writeFileSync(join(dir, 'wrong.yaml'), config(editor('params: { steps: 2 }')))
    const { ok, error } = await ddaHere(
      dir,
      'eval',
      '--config',
      'wrong.yaml',
      '--thinker',
      'thinker',
      '--name',
      'wrong',
    )
    expect(ok).toBe(false)
    expect(error).toMatchObject({ code: 'DDA_EDITOR_PARAM', message: expect.stringContaining('num_inference_steps') })
  })
})
