import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Annotation } from '@dda-thinker/runs'
import type { Folder } from '../support/tiny-tabletop.ts'
import { startViewer, viewedProject } from '../support/viewed-project.ts'
import { answerInStages, axeFindings, CHROMIUM, launchChromium, type OpenedPage, openPage } from './browser-page.ts'

describe.skipIf(CHROMIUM === undefined)('in Chromium (skipped where there is none)', () => {
  let project: Folder
  let browser: Browser
  let viewer: Awaited<ReturnType<typeof startViewer>>

  beforeAll(async () => {
    project = await viewedProject()
    viewer = await startViewer(project)
    browser = await launchChromium()
  }, 400_000)

  afterAll(async () => {
    await browser?.close()
    await viewer?.end()
    project?.remove()
  })

  const annotations = (): Annotation[] =>
    readFileSync(join(project.dir, 'runs/evaluation/annotations.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Annotation)

  /** A browser of somebody's own, which names itself. */
  async function person(name: string): Promise<OpenedPage> {
    const context = await browser.newContext({ bypassCSP: true })
    const opened = await openPage(context, `${viewer.url}/#/run/evaluation/annotate?blind=1&seed=3&thinker=trained`)
    const { page } = opened
    await page.getByLabel('Your name').pressSequentially(name)
    await page.getByLabel('Your name').press('Enter')
    await page.getByLabel('Your name').blur()
    return opened
  }

  test('two people answer blind by the keyboard, and agreement is told', async () => {
    const rows: string[] = []
    for (const [name, keys] of [
      ['ann', ['y', 'n', 'y', 'n', 'y', 'n', 'y', 'n']],
      ['bob', ['y', 'y', 'y', 'n', 'y', 'n', 'y', 'n']],
    ] as const) {
      const { page, complaints } = await person(name)
      const questions = page.locator('.questions li')
      await questions.first().waitFor()
      rows.push(page.url().replace(/.*annotate\/(\d+).*/, '$1'))
      expect(await page.locator('.questions .others').count()).toBe(0)
      expect(await page.locator('main').textContent()).not.toMatch(/the judge: |passed|failed|Reward/)
      const left = keys[Symbol.iterator]()
      const count = await answerInStages(page, () => left.next().value ?? 'u')
      expect(count).toBeGreaterThan(1)
      expect(await page.locator('.questions .others').count()).toBe(count)
      await page.getByText(`1 of 8 rollouts answered by ${name}`).waitFor()
      const before = page.url()
      await page.keyboard.press('Enter')
      await page.waitForFunction((old) => location.href !== old, before)
      // The address changes before the page does: until then the answered one is there.
      await page.locator('.questions:has(li):not(:has(.others))').waitFor()
      expect(complaints).toEqual([])
      await page.context().close()
    }
    // The seed gives both the same order.
    expect(rows[0]).toBe(rows[1])
    const said = annotations()
    expect(said.every(({ blind }) => blind === true)).toBe(true)
    expect(new Set(said.map(({ by }) => by))).toEqual(new Set(['ann', 'bob']))
    expect(new Set(said.map(({ rollout }) => rollout)).size).toBe(1)

    const { page, complaints } = await person('ann')
    await page.goto(`${viewer.url}/#/run/evaluation/agreement`)
    await page.locator('table.agreement').first().waitFor()
    for (const [colorScheme, width] of [
      ['light', 1200],
      ['dark', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      expect(await axeFindings(page)).toEqual([])
    }
    const people = page.getByRole('region', { name: 'People' })
    const each = said.length / 2
    expect(await people.textContent()).toContain(`ann, bob${each}${(((each - 1) / each) * 100).toFixed(1)} %`)
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
