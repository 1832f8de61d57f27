import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { renderReport } from '@dda-thinker/report'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { benchmarkProject } from '../support/benchmark-project.ts'
import { ddaHere } from '../support/in-process.ts'
import { axeFindings, CHROMIUM, launchChromium, openPage } from './browser-page.ts'
import { inventReport } from '../report/fixture.ts'

describe.skipIf(CHROMIUM === undefined)('reports in Chromium (skipped where there is none)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dda-test-report-page-'))
  let browser: Browser

  beforeAll(async () => {
    const launching = launchChromium()
    const { input } = inventReport({ samples: 24 })
    const evaluations = [1, 2].map((seed) => ({ ...evaluation, seed, run: `eval-${seed}` }))
    const causes = { Training: [cause] }
    const page = await renderReport({ ...input, evaluations, causes }, { image: async () => undefined })
    writeFileSync(join(dir, 'evaluation.html'), page)
    const project = await benchmarkProject()
    const { exitCode, error } = await ddaHere(project.dir, 'report', 'bench', '--out', join(dir, 'benchmark'))
    project.remove()
    if (exitCode !== 0) throw new Error(JSON.stringify(error))
    browser = await launching
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const evaluation = {
    thinker: 'Trained',
    editor: 'editor-openai/1 {"path":"images/edits","fields":{"model":"Qwen-Image-Edit-2511"}}',
    counted: 24,
    solved: 0.5,
    low: 0.3,
    high: 0.7,
  }
  const cause = {
    stage: 'edit',
    plugin: 'editor-openai',
    code: 'DDA_HTTP_STATUS',
    kind: 'server',
    count: 3,
    transient: 3,
    message: 'The server answers 503',
  } as const

  test.each(['evaluation.html', 'benchmark/report.html'])(
    '%s has no serious finding of axe and nothing beyond the side, light, dark and on a phone',
    async (file) => {
      const context = await browser.newContext({ bypassCSP: true })
      const { page, complaints } = await openPage(context, pathToFileURL(join(dir, file)).href)
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['dark', 1280],
        ['light', 390],
        ['dark', 390],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        expect([colorScheme, width, await axeFindings(page)]).toEqual([colorScheme, width, []])
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect([colorScheme, width, Math.max(0, beyond)]).toEqual([colorScheme, width, 0])
      }
      expect(complaints).toEqual([])
      await context.close()
    },
    120_000,
  )

  test('a benchmark that nobody judged shows its pictures all the same, some of them under the headline', async () => {
    const context = await browser.newContext()
    const { page } = await openPage(context, pathToFileURL(join(dir, 'benchmark/report.html')).href)
    const pictures = await page.locator('#highlights .highlight svg').evaluateAll((all) =>
      all.map((one) => {
        const drawn = document.querySelector(one.querySelector('use')?.getAttribute('href') ?? '-')
        return [one.getAttribute('aria-label'), one.clientHeight > 40, drawn !== null]
      }),
    )
    expect(pictures).toEqual(
      ['logical', 'spatial', 'temporal'].flatMap((category) => [
        [`Source picture of ${category}_reasoning_1`, true, true],
        ['Edit by none', true, true],
      ]),
    )
    expect(await page.locator('#gallery .card').count()).toBe(3)
    await context.close()
  }, 120_000)
})
