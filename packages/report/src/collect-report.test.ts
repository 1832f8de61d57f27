import { TRAINER } from '@dda-thinker/plugin-api'
import { evaluate, listSamples, packRun, readRun, synthesize } from '@dda-thinker/runs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openProject } from '../../../test/support/fake-world.ts'
import { collectReport } from './collect-report.ts'
import { pickGallery } from './gallery.ts'
import { renderReport } from './render-report.ts'
import { summariseReport } from './summary.ts'

const COUNT = 60

test('lines of the journal are parsed twice: to be checked, and for all figures; again those alone that the page shows', async () => {
  const project = await openProject({ synthesize: { count: { train: 1, 'held-out': COUNT } } })
  onTestFinished(() => project.close())
  project.world.planText = ({ input }) => `paint ${input.id}`
  await synthesize(project.assembly, project)
  const samples = await listSamples(project.workspace.paths, { split: 'held-out' })
  const thinker = () => project.assembly.resolve(TRAINER).thinker
  const thinkers = ['base', 'trained'].map((name) => ({ name, thinker, needs: [TRAINER] }))
  await evaluate(project.assembly, { ...project, samples, thinkers })

  const read = async () => {
    const times = new Map<string, number>()
    const { parse } = JSON
    const spy = vi.spyOn(JSON, 'parse').mockImplementation((text: string, reviver) => {
      const line = text.trimEnd()
      if (line.startsWith('{"type":"rollout"')) times.set(line, (times.get(line) ?? 0) + 1)
      return parse(text, reviver) as unknown
    })
    try {
      const evaluation = await readRun(project.runDir)
      const input = await collectReport({ workspace: project.workspace, evaluation })
      const summary = summariseReport(input)
      const gallery = { shown: 3, failing: 2 }
      const page = await renderReport(input, { image: async () => undefined, gallery })
      const parsed = [...times.values()]
      const { shown, failing } = pickGallery(input, gallery)
      const rows = [...shown, ...failing].map(({ by }) => by.size).reduce((sum, arms) => sum + arms, 0)
      return { summary, page, parsed, rows }
    } finally {
      spy.mockRestore()
    }
  }
  const plain = await read()
  expect(plain.parsed).toHaveLength(2 * COUNT)
  expect(plain.rows).toBeGreaterThan(0)
  expect(plain.parsed.filter((times) => times !== 2)).toEqual(Array.from({ length: plain.rows }, () => 3))
  await packRun(project.runDir)
  expect(await read()).toEqual(plain)
})
