import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { exportView } from '@dda-thinker/viewer'
import { ContentStore } from '@dda-thinker/store'
import { RunColumns } from '../../packages/viewer/src/columns/run-columns.ts'
import { applyChunk } from '../../packages/viewer/src/columns/wire.ts'
import type { RolloutDetail, RowAnnotation } from '../../packages/viewer/src/wire/view-data.ts'
import type { Folder } from '../support/tiny-tabletop.ts'
import { builtPage, HOSTILE, makeHostile, startViewer, viewedProject } from '../support/viewed-project.ts'
import { pathToFileURL } from 'node:url'
import { answerInStages, axeFindings, CHROMIUM, launchChromium, openPage, PATIENCE } from './browser-page.ts'

const RUN = 'evaluation'

describe.skipIf(CHROMIUM === undefined)('answering in Chromium (skipped where there is none)', () => {
  let project: Folder
  let browser: Browser
  let viewer: Awaited<ReturnType<typeof startViewer>>
  let file: string

  beforeAll(async () => {
    project = await viewedProject()
    file = join(project.dir, 'runs', RUN, 'annotations.jsonl')
    viewer = await startViewer(project)
    browser = await launchChromium()
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await viewer?.end()
    project?.remove()
  })
  afterEach(() => rmSync(file, { force: true }))

  /** A browser of somebody's own, which knows the name. */
  async function person(name: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
    await context.addInitScript((by) => localStorage.setItem('dda-annotator', by), name)
    return context
  }

  const at = (hash: string, base = viewer.url) => `${base}/${hash}`
  const rowOf = (page: Page) => Number(/annotate\/(\d+)/.exec(page.url())?.[1])
  const said = async () =>
    (await (await fetch(`${viewer.url}/data/runs/${RUN}/annotations.json`)).json()) as RowAnnotation[]

  /** Presses a key, and waits until the record has one answer more. */
  async function press(page: Page, key: string): Promise<void> {
    const before = (await said()).length
    await page.keyboard.press(key)
    await expect.poll(async () => (await said()).length, { timeout: PATIENCE }).toBe(before + 1)
  }

  async function answerAll(page: Page): Promise<void> {
    await answerInStages(page, () => 'y', press)
  }

  test('the order is that of the seed for everybody; a link leads back, and on to what is not answered', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')]
    const start = async (context: BrowserContext, seed: string) => {
      const { page } = await openPage(context, at(`#/run/${RUN}/annotate?blind=1&seed=${seed}`))
      await page.locator('.questions li').first().waitFor()
      return { page, row: rowOf(page) }
    }
    const [a, b] = [await start(ann, '3'), await start(bob, '3')]
    expect(b.row).toBe(a.row)
    const rows = new Set<number>()
    for (const seed of ['4', '5', '6', '7']) rows.add((await start(bob, seed)).row)
    expect(rows.size).toBeGreaterThan(1)
    await press(a.page, 'y')
    await a.page.reload()
    await a.page.locator('.questions button[aria-pressed=true]').waitFor()
    expect(rowOf(a.page)).toBe(a.row)
    const open = a.page.locator('.questions li:not(:has(button[aria-pressed=true]))')
    for (let left = await open.count(); left > 0; left -= 1) await press(a.page, 'n')
    await a.page.waitForFunction(
      () =>
        document.querySelector('.questions button[aria-pressed=true], .others') === null ||
        document.querySelector('.others') !== null,
    )
    if ((await a.page.locator('.questions .others').count()) === 0) await answerAll(a.page)
    expect((await start(ann, '3')).row).not.toBe(a.row)
    expect((await start(bob, '3')).row).toBe(a.row)
    await ann.close()
    await bob.close()
  }, 240_000)

  test('blind holds nothing of judge and reward until all is answered; what is changed then is recorded as not blind', async () => {
    // One that was not edited because its plan failed the gate, and why is what the gate said.
    const all = await fetch(`${viewer.url}/data/runs/${RUN}/rollouts.json?rows=${[...Array(24).keys()].join(',')}`)
    const gated = ((await all.json()) as RolloutDetail[]).find(({ rollout }) => rollout.outcome.kind === 'gated')?.row
    const context = await person('ann')
    const { page, complaints } = await openPage(context, at(`#/run/${RUN}/annotate/${gated}?blind=1`))
    await page.locator('.questions li').first().waitFor()
    const details = await fetch(`${viewer.url}/data/runs/${RUN}/rollouts.json?rows=${rowOf(page)}`)
    const [detail] = (await details.json()) as RolloutDetail[]
    const text = (await page.locator('main').textContent()) ?? ''
    for (const { reason = '', judge } of detail?.rollout.verdicts ?? []) {
      if (reason !== '') expect(text).not.toContain(reason)
      expect(text).not.toContain(judge)
    }
    expect(await page.locator('.verdicts, .sum, .others, .mark.good, .mark.bad').count()).toBe(0)
    expect(text).not.toMatch(/gate/)
    await answerAll(page)
    expect((await said()).every(({ blind }) => blind === true)).toBe(true)
    await page.locator('.questions li').first().getByRole('button', { name: 'Unsure' }).click()
    await expect
      .poll(async () => (await said()).filter(({ answer }) => answer === 'unsure').map(({ blind }) => blind === true), {
        timeout: PATIENCE,
      })
      .toEqual([false])
    expect(complaints).toEqual([])
    await context.close()
  }, 240_000)

  test('nothing that the page is sent tells of judge, reward or outcome until all is answered, nor of the plan while the edit is asked about', async () => {
    const all = await fetch(`${viewer.url}/data/runs/${RUN}/rollouts.json?rows=${[...Array(24).keys()].join(',')}`)
    const detail = ((await all.json()) as RolloutDetail[]).find(({ rollout }) => rollout.edit !== undefined)
    if (detail === undefined) throw new Error('nothing was edited')
    const { row, rollout } = detail
    const context = await person('ann')
    const sent: Promise<readonly [path: string, body: Buffer]>[] = []
    context.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (pathname.startsWith(`/data/runs/`)) sent.push(response.body().then((body) => [pathname, body]))
    })
    const { page, complaints } = await openPage(context, at(`#/run/${RUN}/annotate/${row}?blind=1`))
    await page.locator('.questions li').first().waitFor()
    await page.waitForLoadState('networkidle')
    const plan = rollout.plan?.executable ?? ''
    const secrets = [
      ...rollout.verdicts.flatMap(({ judge, reason }) => [judge, reason ?? judge]),
      '"verdicts"',
      '"reward"',
    ]
    const leaks = async (words: readonly string[]) => {
      const found: string[] = []
      for (const [path, body] of await Promise.all(sent)) {
        if (path.endsWith('columns.bin')) {
          const columns = new RunColumns()
          applyChunk(columns, body)
          const { outcome, fault, failure, reward } = columns.rows
          for (let at = 0; at < columns.length; at += 1)
            if (
              outcome.at(at) !== 255 ||
              fault.at(at) !== 255 ||
              failure.at(at) !== 65_535 ||
              !Number.isNaN(reward.at(at))
            )
              found.push(path)
          for (let at = 0; at < columns.items.passed.length; at += 1)
            if (columns.items.passed.at(at) !== 255) found.push(path)
        } else found.push(...words.filter((word) => body.includes(word)).map((word) => `${path}: ${word}`))
      }
      return found
    }
    expect((await Promise.all(sent)).map(([path]) => path.replace(/.*\//, ''))).toContain('questions.json')
    expect(await leaks([...secrets, plan])).toEqual([])
    expect(await page.locator('main').textContent()).not.toContain(plan)
    expect(await page.locator('.stage figure').count()).toBe(2)
    for (let left = await page.locator('.questions li').count(); left > 0; left -= 1) await press(page, 'n')
    await page.locator('.told .executable').getByText(plan).waitFor()
    expect(await page.locator('.stage').count()).toBe(0)
    await page.waitForLoadState('networkidle')
    expect(await leaks(secrets)).toEqual([])
    await answerAll(page)
    expect(await leaks(secrets)).not.toEqual([])
    expect((await said()).every(({ blind }) => blind === true)).toBe(true)
    expect(complaints).toEqual([])
    await context.close()
  }, 240_000)

  test.each([
    ['the grid', `#/run/${RUN}/grid`, '.grid li', `#/run/${RUN}/annotate/0?blind=1`, 'This browser has shown'],
    ['the rollout', `#/run/${RUN}/rollout/0`, '.verdicts', `#/run/${RUN}/annotate/0?blind=1`, 'This browser has shown'],
    ['its group', `#/run/${RUN}/group/0`, '.member', `#/run/${RUN}/annotate/0?blind=1`, 'This browser has shown'],
    ['a choice by outcome', '#/', 'table.runs', `#/run/${RUN}/annotate?blind=1&outcome=scored`, 'Chosen by outcome'],
  ])(
    'whoever has seen %s is recorded as not blind, and told so',
    async (_name, first, there, then, notice) => {
      const context = await person('ann')
      const { page } = await openPage(context, at(first))
      await page.locator(there).first().waitFor()
      // Kept by the browser, beyond the page.
      await page.close()
      const { page: later } = await openPage(context, at(then))
      await later.getByText(notice).waitFor()
      await press(later, 'y')
      expect((await said()).map(({ blind }) => blind === true)).toEqual([false])
      await context.close()
    },
    120_000,
  )

  test('a key that is pressed as soon as there is a question answers it', async () => {
    const context = await person('ann')
    await context.addInitScript(() => {
      let isPressed = false
      // Told as soon as the page is changed, before it is painted.
      new MutationObserver(() => {
        if (isPressed || document.querySelector('.questions li') === null) return
        isPressed = true
        dispatchEvent(new KeyboardEvent('keydown', { key: 'n' }))
      }).observe(document, { childList: true, subtree: true })
    })
    const { page } = await openPage(context, at(`#/run/${RUN}/annotate/2?blind=1`))
    await page.locator('.questions li').first().waitFor()
    await expect
      .poll(async () => (await said()).map(({ row, answer }) => [row, answer]), { timeout: PATIENCE })
      .toEqual([[2, 'no']])
    await context.close()
  }, 120_000)

  test('who gives a name is asked once it is known what that person said before', async () => {
    const context = await person('')
    const { page } = await openPage(context, at(`#/run/${RUN}/annotate/2?blind=1`))
    await page.locator('.questions li').first().waitFor()
    let [asked, release] = [() => {}, () => {}]
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    const isReleased = new Promise<void>((resolve) => (release = resolve))
    await page.route(/annotations\.json\?by=ann/, async (route) => {
      asked()
      await isReleased
      await route.continue()
    })
    await page.getByLabel('Your name').fill('ann')
    await page.getByLabel('Your name').press('Enter')
    await isAsked
    await page.locator('main .empty').getByText('Reading …').waitFor()
    expect(await page.locator('.questions').count()).toBe(0)
    release()
    await page.locator('.questions li').first().waitFor()
    await press(page, 'y')
    await context.close()
  }, 120_000)

  test('what was seen of a run is not held against another one of its name at the same address', async () => {
    const context = await person('ann')
    const blind = async () => {
      const { page } = await openPage(context, at(`#/run/${RUN}/annotate/0?blind=1`))
      await page.locator('.questions li').first().waitFor()
      const isTold = await page.getByText('This browser has shown').isVisible()
      await page.close()
      return !isTold
    }
    const { page } = await openPage(context, at(`#/run/${RUN}/rollout/0`))
    await page.locator('.verdicts').first().waitFor()
    await page.close()
    expect(await blind()).toBe(false)
    const record = join(project.dir, 'runs', RUN, 'run.json')
    const before = readFileSync(record, 'utf8')
    const created = '2020-01-01T00:00:00.000Z'
    writeFileSync(record, JSON.stringify({ ...(JSON.parse(before) as object), created }))
    try {
      expect(await blind()).toBe(true)
    } finally {
      writeFileSync(record, before)
    }
    expect(await blind()).toBe(false)
    await context.close()
  }, 120_000)

  test('asking and agreement have no serious finding of axe and nothing beyond the side, light, dark and on a phone', async () => {
    for (const by of ['ann', 'bob']) {
      const context = await person(by)
      for (const row of [0, 9]) {
        const { page } = await openPage(context, at(`#/run/${RUN}/annotate/${row}?blind=1`))
        await answerAll(page)
      }
      await context.close()
    }
    const context = await person('ann', { bypassCSP: true })
    for (const [name, hash, there] of [
      ['open', `#/run/${RUN}/annotate/1?blind=1`, '.questions li'],
      ['answered', `#/run/${RUN}/annotate/9?blind=1`, '.questions .others'],
      ['agreement', `#/run/${RUN}/agreement`, 'table.agreement tbody tr'],
    ] as const) {
      const { page, complaints } = await openPage(context, at(hash))
      for (const [colorScheme, width] of [
        ['light', 1200],
        ['dark', 1200],
        ['light', 390],
        ['dark', 390],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        await page.locator(there).first().waitFor()
        await page.waitForLoadState('networkidle')
        expect([name, await axeFindings(page)]).toEqual([name, []])
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect([name, width, Math.max(0, beyond)]).toEqual([name, width, 0])
        const beside = await page
          .locator('.scroll-x')
          .evaluateAll((tables) =>
            tables.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel),
          )
        expect([name, width, beside]).toEqual([name, width, []])
        const { SCREENSHOTS: folder } = process.env
        if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) })
      }
      expect([name, complaints]).toEqual([name, []])
      await page.close()
    }
    await context.close()
  }, 400_000)

  test('an export shows agreement and asks nothing; hostile names and notes are words', async () => {
    const hostile = await viewedProject()
    makeHostile(hostile)
    const own = await startViewer(hostile)
    const [detail] = (await (await fetch(`${own.url}/data/runs/${RUN}/rollouts.json?rows=0`)).json()) as RolloutDetail[]
    const answers = detail?.rollout.verdicts.map(({ itemId }) => ({ item: itemId, answer: 'no', note: HOSTILE }))
    for (const by of [`<img src=x onerror="window.pwned = 1">`, '</script><script>window.pwned = 1</script>']) {
      const written = await fetch(`${own.url}/data/runs/${RUN}/annotations.json`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ row: 0, rollout: detail?.rollout.id, by, answers }),
      })
      expect(written.status).toBe(201)
    }
    const target = join(hostile.dir, 'view.html')
    const images = new ContentStore(own.paths.store)
    await exportView({ name: 'hostile', paths: own.paths, images, target, app: await builtPage() })
    expect(readFileSync(target, 'utf8')).not.toContain('<img src=x onerror')
    const context = await person('eve')
    for (const [base, there] of [
      [`${own.url}/`, '.questions li'],
      [pathToFileURL(target).href, 'main .empty'],
    ] as const)
      for (const [hash, shown] of [
        [`#/run/${RUN}/agreement`, 'table.agreement tbody tr'],
        [`#/run/${RUN}/annotate/0`, there],
      ] as const) {
        const { page, complaints } = await openPage(context, `${base}${hash}`)
        await page.locator(shown).first().waitFor()
        const asks = await page.locator('.questions, a[href$="calibration.jsonl"]').count()
        expect([base, hash, asks > 0]).toEqual([base, hash, base !== pathToFileURL(target).href])
        expect(await page.evaluate(() => (globalThis as { pwned?: unknown }).pwned)).toBeUndefined()
        expect([hash, complaints]).toEqual([hash, []])
        await page.close()
      }
    await context.close()
    await own.end()
    hostile.remove()
  }, 240_000)
})
