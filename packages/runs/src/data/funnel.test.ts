import { appendFile, writeFile } from 'node:fs/promises'
import type { Curator } from '@dda-thinker/plugin-api'
import { API_VERSION, CURATORS, definePlugin, Type } from '@dda-thinker/plugin-api'
import { assemble } from '@dda-thinker/core'
import { completeConfig } from '@dda-thinker/config'
import { expect, onTestFinished, test } from 'vitest'
import { fakeBlocks, fakePlugin, openProject } from '../../../../test/support/fake-world.ts'
import { curate } from '../jobs/curate.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { readFunnel } from './funnel.ts'

/** Drops the samples whose id ends in one of these, in the name of a plugin of its own. */
function dropping(name: string, endings: readonly string[], finding?: 'never-passed') {
  const curator: Curator = {
    async *curate(samples) {
      for await (const sample of samples) {
        const kept = !endings.some((ending) => sample.id.endsWith(ending))
        const findings = finding === undefined ? {} : { findings: [{ itemId: 'a', finding }] }
        yield { sample, kept, reason: kept ? 'fine' : `ends in ${sample.id.at(-1) ?? ''}`, ...findings }
      }
    },
  }
  return definePlugin({
    name,
    apiVersion: API_VERSION,
    options: Type.Object({}),
    setup: (api) => api.contribute(CURATORS, () => curator),
  })
}

test('the funnel adds up: rows set aside, what each curator dropped and why, what is left', async () => {
  const config = { synthesize: { count: { train: 6, 'held-out': 3 } } }
  const project = await openProject(config)
  onTestFinished(() => project.close())
  await synthesize(project.assembly, project)
  const { paths } = project.workspace
  await writeFile(paths.setAside, '{"where":"rows:3","reason":"it has no instruction"}\n')
  expect(await readFunnel(paths)).toMatchObject({
    stages: [{ stage: 'synthesize', in: 10, out: 9, dropped: { 'it has no instruction': 1 } }],
    bySplit: { train: 6, 'held-out': 3 },
  })
  const plugins = { first: dropping('first', ['-1', '-2']), second: dropping('second', ['-5'], 'never-passed') }
  const curator = [{ use: 'first' }, { use: 'second' }]
  const assembly = await assemble(completeConfig({ ...config, ...fakeBlocks, curator }), {
    cwd: project.root,
    plugins: { fake: fakePlugin(project.world), ...plugins },
  })
  await curate(assembly, project)
  expect(await readFunnel(paths)).toEqual({
    stages: [
      { stage: 'synthesize', in: 10, out: 9, dropped: { 'it has no instruction': 1 } },
      { stage: 'first', in: 9, out: 5, dropped: { 'ends in 1': 2, 'ends in 2': 2 } },
      { stage: 'second', in: 5, out: 4, dropped: { 'ends in 5': 1 } },
    ],
    bySplit: { train: 3, 'held-out': 1 },
    byCategory: expect.any(Object),
    findings: { 'never-passed': 5 },
  })
  await appendFile(paths.samples, '\n{"changed": true}\n')
  await expect(readFunnel(paths)).rejects.toMatchObject({ code: 'DDA_DATA_STALE' })
})
