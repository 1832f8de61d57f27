import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Debian's and Ubuntu's packages, and where macOS has them. */
const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
/** Undefined where there is none. */
export const CHROMIUM = BROWSERS.find((path) => existsSync(path))
/** Milliseconds: room for a machine that does other things too. */
export const PATIENCE = 60_000

/**
 * Of Chromium's own surface, which a new headless one has for each of its pages: pages of their own behind the bar of addresses
 * take half of what a browser costs; nor does one wait, started, for the next page. The list takes the place of Playwright's, so what that turns off is turned off here too.
 */
const WITHOUT = [
  'SpareRendererForSitePerProcess',
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'AvoidCorsURLLoaderRestartOnRedirect',
]

/**
 * One process draws the pages of a server, however many they are: each of its own took longer to start than most took to show.
 * Nothing here needs a graphics card.
 */
const SPARING = ['--renderer-process-limit=1', '--disable-gpu']

/** {@link CHROMIUM}, for tests that are skipped where there is none. */
export async function launchChromium(): Promise<Browser> {
  const args = ['--no-sandbox', `--disable-features=${WITHOUT.join(',')}`, ...SPARING]
  return chromium.launch({ executablePath: CHROMIUM ?? '', args })
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface OpenedPage {
  readonly page: Page
  /** Everything that it complained of. */
  readonly complaints: readonly string[]
}

export async function openPage(context: BrowserContext, url: string): Promise<OpenedPage> {
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  await page.goto(url)
  return { page, complaints }
}

/** What axe-core is asked for: what is wrong, and not where that is by the selectors of it, nor all that is right. */
const ASKED = { resultTypes: ['violations'], selectors: false } as const

interface Axe {
  run(options: typeof ASKED): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
}

/** Serious findings of axe-core, in words; of a page whose context goes past its policy (`bypassCSP`). */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.addScriptTag({ content: axe })
  return page.evaluate(async (asked) => {
    const { axe } = globalThis as unknown as { axe: Axe }
    const { violations } = await axe.run(asked)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }, ASKED)
}

/**
 * Answers all questions of a blind page by keys: those about the edit, then those about the plan, until it tells what the judge says.
 *
 * @param press what is done with each key. Default: it is pressed, and the answer waited for where it stays to be seen
 * @returns how many there were
 */
export async function answerInStages(page: Page, key: () => string, press = pressed): Promise<number> {
  let count = 0
  for (;;) {
    await page.locator('.questions li').first().waitFor()
    const asked = await page.locator('.questions li').count()
    const stage = await page.locator('.questions').textContent()
    for (let place = 0; place < asked; place += 1) await press(page, key(), place, place === asked - 1)
    count += asked
    await page.waitForFunction(
      (before) => {
        const [now, told] = [document.querySelector('.questions'), document.querySelector('.questions .others')]
        const words = [...(now?.querySelectorAll('li > p:first-child') ?? [])].map((one) => one.textContent ?? '')
        return now !== null && (told !== null || words.some((one) => !before.includes(one)))
      },
      stage ?? '',
      { timeout: PATIENCE },
    )
    if ((await page.locator('.questions .others').count()) > 0) return count
  }
}

async function pressed(page: Page, key: string, place: number, isLast: boolean): Promise<void> {
  await page.keyboard.press(key)
  // The page goes on at once from the last one, to others that nobody has answered.
  if (!isLast) await page.locator('.questions li').nth(place).locator('button[aria-pressed=true]').waitFor()
}
