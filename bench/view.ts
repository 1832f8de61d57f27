// How `dda view` shows a run of 10^5 rollouts: npm run build && npx jiti bench/view.ts [--rollouts N] [--python <with tensorboard>] [--project <with a training run named run>]
//
// The rollouts are those of a real tabletop run, again and again under other ids and steps. The server is cold each time, in a process of its own; the
// page is opened in headless Chromium. First paint is from navigation to the first picture that is decoded. Beside it TensorBoard's image tab over as
// many records of the same pictures, in the same run, all of which it is told to keep (it keeps ten otherwise).
import {
  appendFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
  closeSync,
  cpSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { viewedProject } from '../test/support/viewed-project.ts'
import { copyOf } from '../test/support/tiny-tabletop.ts'
import { launched, residentMB } from './view/server-process.ts'

const { values } = parseArgs({
  options: { rollouts: { type: 'string', default: '100000' }, python: { type: 'string' }, project: { type: 'string' } },
})
const ROLLOUTS = Number(values.rollouts)
const WAIT = 600_000
/** Rollouts of a step. */
const STEP = 64
/** How often rollouts are added, and how many. */
const [TAILS, MORE] = [9, 100]
/** Milliseconds between two looks of the page. */
const LOOKS = 500

const project = values.project === undefined ? await viewedProject() : copyOf({ dir: values.project })
const journal = readFileSync(join(project.dir, 'runs/run/journal.jsonl'), 'utf8').trimEnd().split('\n')
const lines = journal.filter((line) => line.startsWith('{"type":"rollout"'))
const big = join(project.dir, 'runs/big')
mkdirSync(big)
for (const file of ['run.json', 'status.json']) cpSync(join(project.dir, 'runs/run', file), join(big, file))
const path = join(big, 'journal.jsonl')
const file = openSync(path, 'w')
for (let row = 0; row < ROLLOUTS; row += 1) writeSync(file, linesOf(row))
closeSync(file)

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const begun = performance.now()
  const view = await launched(
    process.execPath,
    ['packages/cli/bin/dda.js', 'view', '--port', '0', '--cwd', project.dir],
    /http:\S+(?=;)/,
  )
  const started = performance.now() - begun
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const began = performance.now()
  await page.goto(`${view.address}/#/run/big/grid`)
  await picture(page, '.grid li img')
  const painted = performance.now() - began
  await page.waitForFunction(
    (count) => document.querySelector('.grid-bar p')?.textContent?.startsWith(count),
    ROLLOUTS.toLocaleString('en'),
    { timeout: WAIT },
  )
  const complete = performance.now() - began
  const filters = {
    'who failed': await answer(page, 'Who failed', 'solved'),
    outcome: await answer(page, 'Outcome', 'gated'),
    order: await answer(page, 'Order', 'reward'),
    text: await searched(page, 'rotten'),
  }
  await page.goto(`${view.address}/#/run/big/grid`)
  await picture(page, '.grid li img')
  const frames = await scrolled(page)
  const before = residentMB(view.pid)
  for (let round = 0; round < 300; round += 1) {
    const rows = Array.from({ length: 32 }, (_, i) => (round * 331 + i * 97) % ROLLOUTS)
    await (await fetch(`${view.address}/data/runs/big/rollouts.json?rows=${rows.join()}`)).arrayBuffer()
    await (await fetch(`${view.address}/data/runs/big/search.bin?text=the`)).arrayBuffer()
  }
  const after = residentMB(view.pid)
  const tails: number[] = []
  for (let at = 0; at < TAILS; at += 1) {
    // Spread over the time between two looks of the page.
    await new Promise((resolve) => setTimeout(resolve, (at * LOOKS) / TAILS))
    tails.push(await followed(page, ROLLOUTS + at * MORE))
  }
  tails.sort((a, b) => a - b)
  const tail = { median: tails[Math.floor(TAILS / 2)], most: tails.at(-1) }
  await view.end()
  console.log(
    JSON.stringify(
      { rollouts: ROLLOUTS, started, painted, complete, filters, frames, memory: { before, after }, tail },
      undefined,
      2,
    ),
  )
  if (values.python !== undefined) await peer(values.python, painted)
} finally {
  await browser.close()
  project.remove()
}

/** Milliseconds from rollouts that are written until the page tells of them. */
async function followed(page: Page, rows: number): Promise<number> {
  const began = performance.now()
  appendFileSync(path, Array.from({ length: MORE }, (_, i) => linesOf(rows + i)).join(''))
  await page.waitForFunction(
    (count) => document.querySelector('.grid-bar p')?.textContent?.startsWith(count),
    (rows + MORE).toLocaleString('en'),
    { timeout: WAIT, polling: 'raf' },
  )
  return performance.now() - began
}

/** {@link lineOf}, and the line of the step where it was its last. */
function linesOf(row: number): string {
  const step = Math.floor(row / STEP) + 1
  const end = { type: 'step', step, policyVersion: step, scored: STEP, gated: 0, masked: 0, reward: 0.5 }
  return `${lineOf(row, step)}\n${row % STEP === STEP - 1 ? `${JSON.stringify(end)}\n` : ''}`
}

/** A rollout of the run as one of another step. */
function lineOf(row: number, step: number): string {
  const line = JSON.parse(lines[row % lines.length] ?? '{}') as { step: number; rollout: { id: string; group: string } }
  line.step = step
  line.rollout.id = `${step}/${row}`
  line.rollout.group = `${step}/${Math.floor(row / 2)}`
  return JSON.stringify(line)
}

async function picture(page: Page, selector: string): Promise<void> {
  await page.waitForFunction(
    (at) => [...document.querySelectorAll<HTMLImageElement>(at)].some((image) => image.naturalWidth > 0),
    selector,
    { timeout: 60_000, polling: 'raf' },
  )
}

/** All rollouts again. */
async function cleared(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#/run/big/grid'))
  const all = ROLLOUTS.toLocaleString('en')
  await page.waitForFunction(
    (count) => document.querySelector('.grid-bar p')?.textContent?.startsWith(`${count} `),
    all,
    { timeout: WAIT },
  )
}

/** Milliseconds from a choice among all rollouts to the first frame with its answer. */
async function answer(page: Page, label: string, value: string): Promise<number> {
  await cleared(page)
  const select = page
    .locator('.filters label')
    .filter({ hasText: new RegExp(`^${label}`) })
    .locator('select')
  return select.evaluate(async (element, wanted) => {
    const said = () =>
      [
        document.querySelector('.grid-bar p')?.textContent,
        ...[...document.querySelectorAll('.grid li a')].map(String),
      ].join(' ')
    const before = said()
    const began = performance.now()
    ;(element as HTMLSelectElement).value = wanted
    element.dispatchEvent(new Event('change', { bubbles: true }))
    while (said() === before) {
      if (performance.now() - began > 60_000) throw new Error(`the page does not answer to ${wanted}`)
      await new Promise(requestAnimationFrame)
    }
    return performance.now() - began
  }, value)
}

/** The same of a text, the pause after the last letter included. */
async function searched(page: Page, text: string): Promise<number> {
  await cleared(page)
  const before = await page.locator('.grid-bar p').textContent()
  const began = performance.now()
  await page.locator('.filters input').first().fill(text)
  await page.waitForFunction(
    (was) => {
      const now = document.querySelector('.grid-bar p')?.textContent
      return now !== was && /^[\d,]+ of /.test(now ?? '')
    },
    before,
    { timeout: 60_000, polling: 'raf' },
  )
  return performance.now() - began
}

/** Scrolls 300 frames: the time between two, and the work of the page in one. */
async function scrolled(page: Page) {
  const client = await page.context().newCDPSession(page)
  await client.send('Performance.enable')
  const work = async () =>
    (await client.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  const before = await work()
  const between = await page.evaluate(async () => {
    const grid = document.querySelector('.grid') as HTMLElement
    const times: number[] = []
    let last = await new Promise<number>(requestAnimationFrame)
    for (let frame = 0; frame < 300; frame += 1) {
      grid.scrollTop += 80
      const now = await new Promise<number>(requestAnimationFrame)
      times.push(now - last)
      last = now
    }
    return times.toSorted((a, b) => a - b)
  })
  return {
    'median ms between': between[150],
    'p95 ms between': between[285],
    'ms of work a frame': ((await work()) - before) * (1000 / 300),
  }
}

async function peer(python: string, own: number): Promise<void> {
  const folder = join(project.dir, 'tensorboard')
  mkdirSync(folder)
  const hashes = lines.flatMap(
    (line) => (JSON.parse(line) as { rollout: { edit?: { image: { hash: string } } } }).rollout.edit?.image.hash ?? [],
  )
  const files = hashes.map((hash) => join(project.dir, 'data/store', hash.slice(0, 2), hash.slice(2, 3), `${hash}.png`))
  writeFileSync(join(folder, 'pictures.json'), JSON.stringify(files))
  const logs = join(folder, 'logs')
  mkdirSync(logs)
  const writer = await launched(
    python,
    ['bench/view/write_events.py', join(folder, 'pictures.json'), logs, String(ROLLOUTS)],
    /written/,
  )
  await writer.end()
  const board = await launched(
    python,
    ['-m', 'tensorboard.main', '--logdir', logs, '--port', '0', '--samples_per_plugin', `images=${ROLLOUTS}`],
    /http:\S+/,
  )
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const began = performance.now()
  await page.goto(`${board.address}#images`)
  // The page shows what was read when it was loaded: one that came too early has to be loaded again, here as soon as there is a picture.
  if (!(await hasPictures(board.address))) {
    while (!(await hasPictures(board.address))) {
      if (performance.now() - began > WAIT) throw new Error('TensorBoard has read no picture')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await page.reload()
  }
  await page.waitForFunction(
    () => {
      const deep = (root: Document | ShadowRoot): boolean =>
        [...root.querySelectorAll('*')].some(
          (element) =>
            (element instanceof HTMLImageElement &&
              element.naturalWidth > 32 &&
              element.src.includes('individualImage')) ||
            (element.shadowRoot !== null && deep(element.shadowRoot)),
        )
      return deep(document)
    },
    undefined,
    { timeout: WAIT, polling: 'raf' },
  )
  const painted = performance.now() - began
  await board.end()
  console.log(JSON.stringify({ tensorboard: { painted }, 'times ours': painted / own }, undefined, 2))
  rmSync(folder, { recursive: true, force: true })
}

async function hasPictures(address: string): Promise<boolean> {
  const tags = (await (await fetch(`${address.replace(/\/$/, '')}/data/plugin/images/tags`)).json()) as object
  return Object.keys(tags).length > 0
}
