import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadConfig } from '@dda-thinker/config'
import { projectPaths } from '@dda-thinker/runs'
import { ContentStore } from '@dda-thinker/store'
import { exportView } from '@dda-thinker/viewer'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { benchmarkProject } from '../support/benchmark-project.ts'
import type { Folder } from '../support/tiny-tabletop.ts'
import { builtPage, makeHostile, startViewer, viewedProject } from '../support/viewed-project.ts'
import { axeFindings, CHROMIUM, launchChromium, type OpenedPage, openPage, PATIENCE } from './browser-page.ts'

describe.skipIf(CHROMIUM === undefined)('in Chromium (skipped where there is none)', () => {
  let project: Folder
  let hostile: Folder
  let browser: Browser
  let context: BrowserContext
  /** Lets axe-core in past the policy of the page. */
  let lenient: BrowserContext
  let viewers: Awaited<ReturnType<typeof startViewer>>[]

  beforeAll(async () => {
    project = await viewedProject()
    hostile = await viewedProject()
    makeHostile(hostile)
    viewers = [await startViewer(project), await startViewer(hostile)]
    browser = await launchChromium()
    context = await browser.newContext({ viewport: { width: 1200, height: 900 } })
    lenient = await browser.newContext({ bypassCSP: true })
  }, 400_000)

  afterAll(async () => {
    await browser?.close()
    for (const viewer of viewers ?? []) await viewer.end()
    project?.remove()
    hostile?.remove()
  })

  /** A page, and everything that it complained of. */
  const open = (hash: string, of: number | string = 0, own: BrowserContext = context): Promise<OpenedPage> =>
    openPage(own, `${typeof of === 'string' ? of : viewers[of]?.url}/${hash}`)

  const VIEWS = [
    ['runs', '#/', 'table.runs tbody tr'],
    ['grid', '#/run/run/grid', '.grid li img'],
    ['grid of an evaluation', '#/run/evaluation/grid?thinker=trained&sort=reward&order=down', '.grid li'],
    ['rollout', '#/run/run/rollout/2', '.verdicts tbody tr'],
    ['rollout, swipe', '#/run/run/rollout/2?mode=swipe', '.over.swipe'],
    ['rollout, onion skin', '#/run/run/rollout/2?mode=onion', '.over.onion'],
    ['rollout, difference', '#/run/run/rollout/2?mode=difference', '.over.difference'],
    ['group', '#/run/run/group/2', '.group .member'],
    ['steps', '#/run/run/steps?step=3', '.pin .member'],
    ['curves', '#/curves?runs=run,warm', '.chart canvas'],
    ['compare', '#/compare?a=evaluation/none&b=evaluation/trained&show=none', '.pair'],
    ['matrix', '#/matrix', '.matrix td a'],
  ] as const

  test.each(VIEWS)(
    '%s: is there, without complaints and without serious findings of axe',
    async (name, hash, there) => {
      const { page, complaints } = await open(hash, 0, lenient)
      for (const [colorScheme, width] of [
        ['light', 1200],
        ['dark', 390],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        await page.locator(there).first().waitFor()
        expect(await axeFindings(page)).toEqual([])
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(beyond, 'pixels beyond the side').toBeLessThanOrEqual(0)
        const beside = await page
          .locator('.scroll-x')
          .evaluateAll((tables) =>
            tables.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel),
          )
        // Their columns are as many as there are steps and Editors.
        if (!['curves', 'matrix'].includes(name)) expect(beside, 'tables beyond the side').toEqual([])
      }
      expect(complaints).toEqual([])
      await page.close()
    },
    240_000,
  )

  test('on a phone filters are folded, how many are set is told, and they unfold', async () => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 } })
    const { page } = await open('#/run/run/grid?outcome=scored', 0, phone)
    const [unfold, choice] = [page.getByRole('button', { name: 'Filters (1)' }), page.getByLabel('Who failed')]
    await unfold.waitFor()
    expect(await choice.isVisible()).toBe(false)
    const top = await page.locator('.grid').evaluate((grid) => grid.getBoundingClientRect().top)
    expect(top, 'pixels above the grid').toBeLessThan(844 / 3)
    await unfold.click()
    await choice.waitFor()
    await page.setViewportSize({ width: 1200, height: 900 })
    expect([await unfold.isVisible(), await choice.isVisible()]).toEqual([false, true])
    await phone.close()
  }, 120_000)

  test('each view is there where its address is the first thing that a server is asked', async () => {
    for (const [name, hash, there] of VIEWS) {
      const cold = await startViewer(project)
      const { page, complaints } = await open(hash, cold.url)
      await page.locator(there).first().waitFor()
      await expect.poll(() => page.getByText(/Reading|^…$|no longer hold/).count(), { timeout: PATIENCE }).toBe(0)
      expect([name, complaints]).toEqual([name, []])
      await page.close()
      await cold.end()
    }
  }, 400_000)

  test('says why a rollout is not there, and has it when the server answers again', async () => {
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    let isUp = false
    await page.route('**/rollouts.json*', (route) => (isUp ? route.continue() : route.abort()))
    await page.goto(`${viewers[0]?.url}/#/run/run/rollout/2`)
    await page.locator('.run-bar .mark.bad').waitFor()
    isUp = true
    await page.locator('.rollout').waitFor()
    await expect.poll(() => page.locator('.run-bar .mark.bad').count(), { timeout: PATIENCE }).toBe(0)
    await page.evaluate(() => (location.hash = '#/run/run/rollout/4000'))
    await page.getByText('There is no rollout 4000.').waitFor()
    await page.evaluate(() => (location.hash = '#/run/run/group/4000'))
    await page.getByText('There is no rollout 4000.').waitFor()
    await page.close()
  }, 240_000)

  test('of a benchmark: source, edit and reference of their own shapes, and words where nothing was measured', async () => {
    const bench = await benchmarkProject()
    const viewer = await startViewer(bench)
    try {
      const { page, complaints } = await open('#/run/bench/rollout/2', viewer.url, lenient)
      const shapes = () =>
        page
          .locator('.panes figure')
          .evaluateAll((figures) =>
            figures.map((figure) => [
              figure.querySelector('figcaption')?.textContent,
              figure.querySelector('img')?.naturalWidth,
            ]),
          )
      await expect.poll(shapes, { timeout: PATIENCE }).toEqual([
        ['Source', 512],
        ['Edit', expect.any(Number)],
        ['Reference', 700],
      ])
      const whole = await page.locator('.panes img').evaluateAll((images) =>
        images.map((image) => {
          const [inside, outside] = [image.getBoundingClientRect(), image.closest('.pane')?.getBoundingClientRect()]
          return (
            inside.width > 40 &&
            inside.right <= (outside?.right ?? 0) + 1 &&
            inside.bottom <= (outside?.bottom ?? 0) + 1
          )
        }),
      )
      expect(whole).toEqual([true, true, true])
      await expect
        .poll(() => page.locator('.told .instruction').textContent(), { timeout: PATIENCE })
        .toBe('What becomes of this logical scene?')
      expect(await page.locator('.told .mark').allTextContents()).toEqual(['not scored'])
      expect(await page.locator('.rollout').textContent()).not.toMatch(/0\.000|no longer hold/)
      expect(await axeFindings(page)).toEqual([])
      await page.evaluate(() => (location.hash = '#/run/bench/grid?outcome=not+scored'))
      await expect
        .poll(() => page.locator('.grid li b').allTextContents(), { timeout: PATIENCE })
        .toEqual(['–', '–', '–'])
      await expect.poll(() => page.locator('.grid-bar p').textContent(), { timeout: PATIENCE }).toBe('3 rollouts')
      expect(complaints).toEqual([])
      await page.close()
    } finally {
      await viewer.end()
      bench.remove()
    }
  }, 240_000)

  test('executes nothing of a data set in any view, under the policy of the page', async () => {
    const { page, complaints } = await open('#/', 1)
    for (const [, hash, there] of VIEWS) {
      await page.evaluate((to) => (location.hash = to), hash)
      await page.locator(there).first().waitFor()
      await page.waitForLoadState('networkidle')
      expect(await page.evaluate(() => (globalThis as { pwned?: unknown }).pwned)).toBeUndefined()
      const made = page.locator('main script, main svg[onload], main a[href^="javascript"], main img[onerror]')
      expect(await made.count()).toBe(0)
    }
    expect(complaints).toEqual([])
    await page.close()
  }, 240_000)

  test('an exported file opens by itself, hostile words and all', async () => {
    const { config, dir } = await loadConfig({ cwd: hostile.dir, check: [] })
    const paths = projectPaths(config, dir)
    const target = join(hostile.dir, 'view.html')
    await exportView({
      name: config.name,
      paths,
      images: new ContentStore(paths.store),
      target,
      app: await builtPage(),
    })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    const complaints: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(pathToFileURL(target).href)
    for (const [, hash, there] of VIEWS) {
      await page.evaluate((to) => (location.hash = to), hash)
      await page.locator(there).first().waitFor()
    }
    await page.evaluate(() => (location.hash = '#/run/run/grid?text=svg+onload'))
    await expect.poll(() => page.locator('.grid-bar p').textContent(), { timeout: PATIENCE }).toBe('48 rollouts')
    await expect
      .poll(
        () =>
          page
            .locator('.grid li img')
            .first()
            .evaluate((image) => (image as HTMLImageElement).naturalWidth),
        { timeout: PATIENCE },
      )
      .toBeGreaterThan(0)
    expect(await page.evaluate(() => (globalThis as { pwned?: unknown }).pwned)).toBeUndefined()
    expect(complaints).toEqual([])
    await page.close()
  }, 240_000)

  test('hostile words are seen as they are', async () => {
    const { page } = await open('#/run/run/rollout/2', 1)
    // The sample comes after the rollout.
    for (const [at, words] of [
      ['.told .instruction', '<img src=x onerror='],
      ['.verdicts .reason', '<svg onload='],
    ] as const) {
      await expect.poll(() => page.locator(at).first().textContent(), { timeout: PATIENCE }).toContain(words)
    }
    await page.close()
  }, 120_000)

  test('filters are in the address, and keys lead from the grid through rollouts and back', async () => {
    const { page, complaints } = await open('#/run/run/grid')
    const said = page.locator('.grid-bar p')
    await expect.poll(() => said.textContent(), { timeout: PATIENCE }).toBe('48 rollouts')
    await page.getByLabel('Who failed').selectOption('solved')
    await expect.poll(() => said.textContent(), { timeout: PATIENCE }).toMatch(/^\d+ of 48 rollouts$/)
    expect(page.url()).toContain('fault=solved')
    const solved = Number((await said.textContent())?.split(' ')[0])
    const marks = page.locator('.grid li .mark', { hasText: 'solved' })
    await expect.poll(() => marks.count(), { timeout: PATIENCE }).toBe(solved)
    await page.keyboard.press('Escape')
    await page.locator('.grid').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.locator('.rollout').waitFor()
    expect(page.url()).toMatch(/rollout\/\d+\?fault=solved/)
    const before = page.url()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.url(), { timeout: PATIENCE }).not.toBe(before)
    await page.keyboard.press('g')
    await page.locator('.group .member').first().waitFor()
    await page.keyboard.press('g')
    await page.locator('.grid li').first().waitFor()
    expect(page.url()).toContain('grid?fault=solved')
    expect(complaints).toEqual([])
    await page.close()
  }, 180_000)

  test('held, f shows the source in place of the edit; zoom is that of all pictures', async () => {
    const { page } = await open('#/run/run/rollout/2?mode=swipe')
    await page.locator('.over.swipe img').waitFor()
    await page.keyboard.down('f')
    await expect.poll(() => page.locator('.over').count(), { timeout: PATIENCE }).toBe(0)
    await page.keyboard.up('f')
    await expect.poll(() => page.locator('.over').count(), { timeout: PATIENCE }).toBe(1)
    await page.keyboard.press('1')
    await page.locator('.panes .moved').nth(1).waitFor()
    await page.keyboard.press('+')
    const moves = () =>
      page.locator('.panes .moved').evaluateAll((all) => all.map((one) => (one as HTMLElement).style.transform))
    await expect.poll(moves, { timeout: PATIENCE }).toEqual(Array(2).fill('translate(0%, 0%) scale(1.5)'))
    await page.close()
  }, 120_000)

  test('chosen rollouts become a file of sample ids and the command that uses it', async () => {
    const { page } = await open('#/run/evaluation/grid?thinker=none')
    await page.getByRole('button', { name: 'Choose all 8' }).click()
    await page.getByText('8 chosen, of 8 samples').click()
    expect(await page.locator('.sheet pre').allTextContents()).toEqual([
      'dda data export chosen.jsonl --ids chosen.txt',
      'dda rejudge evaluation --checklist chosen-checklists.jsonl',
    ])
    for (const [button, lines] of [
      ['Save the sample ids', /^[\w-]+$/],
      ['Save their checklists', /^\{"id":"[\w-]+","checklist":\[/],
    ] as const) {
      const saving = page.waitForEvent('download')
      await page.getByRole('button', { name: button }).click()
      const saved = readFileSync((await (await saving).path()) ?? '', 'utf8')
        .trimEnd()
        .split('\n')
      expect(saved.length).toBe(8)
      for (const line of saved) expect(line).toMatch(lines)
    }
    await page.close()
  }, 120_000)

  test('compares begin with the pairs that tell most, of those that there are', async () => {
    const { page } = await open('#/compare?a=evaluation/none&b=evaluation/trained')
    await page.locator('.pair').first().waitFor()
    const kinds = await page.getByRole('group', { name: 'Which pairs' }).getByRole('button').allTextContents()
    const pressed = await page.locator('button[aria-pressed=true]').textContent()
    expect(pressed).toBe(kinds.find((kind) => !kind.endsWith(' 0')))
    expect(kinds[0]).toMatch(/ 0$/)
    await page.close()
  }, 120_000)

  test('what is drawn is drawn anew where the browser turns dark', async () => {
    const { page } = await open('#/curves?runs=run')
    await page.locator('.uplot canvas').first().waitFor()
    const drawn = () =>
      page.evaluate(() =>
        ['.uplot canvas', '.chart.wide canvas'].map((at) => document.querySelector<HTMLCanvasElement>(at)?.toDataURL()),
      )
    const heat = page.locator('.chart.wide canvas')
    await heat.waitFor()
    const [chart, map] = await drawn()
    await page.emulateMedia({ colorScheme: 'dark' })
    const same = async () => {
      const now = await drawn()
      return [now[0] === chart, now[1] === map]
    }
    await expect.poll(same, { timeout: PATIENCE }).toEqual([false, false])
    await page.close()
  }, 120_000)

  test('on a phone the reason of each item is there without moving the table', async () => {
    const { page } = await open('#/run/run/rollout/2')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.locator('.verdicts tbody tr').first().waitFor()
    const cells = page.locator('.verdicts tbody th, .verdicts tbody td')
    const right = await cells.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().right))
    expect(right.length).toBeGreaterThan(7)
    expect(Math.max(...right)).toBeLessThanOrEqual(390)
    await page.close()
  }, 120_000)
})
