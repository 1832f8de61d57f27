// The whole of RISE-Bench through the command line, killed and continued: npx jiti bench/whole-rise.ts --data RISEBench/data [--kills 3], after
// npm run build. --data is the folder that the official repository ships; nothing of it is kept.
// Editor, Thinker and judge are servers started here: they answer in the servers' formats, and know nothing. What is looked at is the way of the data:
// every item planned, edited and judged by two Thinkers, nothing bought twice for a kill, the official layout complete, each reference picture
// at the judge exactly where the item has one, and the same scores once more out of the files. Ends with status 1 where something is not so.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { normalPicture } from '@dda-thinker/pictures'
import { startStandIn as startEditor } from '../plugins/editor-openai/src/stand-in-server.ts'
import { startStandIn as startThinker } from '../plugins/thinker-chat/src/stand-in-server.ts'
import { dda, envelope, startDda } from '../test/support/dda.ts'
import { startRatingServer, type Rated } from '../test/support/rating-server.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, kills: { type: 'string', default: '3' } } })
if (values.data === undefined) throw new Error('Say where the data is: --data RISEBench/data')
const data = resolve(values.data)

interface Item {
  readonly index: string
  readonly category: string
  readonly image: string
  readonly reference_img?: string
}

const FILES = ['datav2_total_w_subtask.json', 'data_total.json']
const file = FILES.map((name) => join(data, name)).find((path) => existsSync(path))
if (file === undefined) throw new Error(`${data} has none of ${FILES.join(', ')}`)
const items = JSON.parse(readFileSync(file, 'utf8')) as readonly Item[]
const THINKERS = ['none', 'thinker'] as const
const PLACES = 8

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const failures: string[] = []
function check(holds: boolean, what: string): void {
  console.log(`${holds ? 'yes' : 'NO '}  ${what}`)
  if (!holds) failures.push(what)
}

/** An answer of its own for each question, the same each time, so that scores differ and a lost one would show. */
function answer({ text, pictures }: Rated): string {
  const chance = Number.parseInt(digest(Buffer.concat([Buffer.from(text), ...pictures])).slice(0, 6), 16)
  const score = text.includes('being 0 or 1') ? chance % 2 : 1 + (chance % 5)
  return `What I see is what was asked for, in part.\n**Final Score:** ${score}`
}

const dir = mkdtempSync(join(tmpdir(), 'dda-bench-rise-'))
let wake: () => void = () => undefined
const [editor, thinker] = [await startEditor(), await startThinker({ model: 'thinker-model' })]
const judge = await startRatingServer('judge-model', (question) => {
  wake()
  return answer(question)
})
try {
  const config = {
    thinker: { use: 'chat', endpoint: thinker.url, model: 'thinker-model' },
    editor: { use: 'openai', endpoints: [editor.url] },
    benchmark: [{ use: 'rise', judge: { endpoints: [judge.url], model: 'judge-model', perEndpoint: PLACES } }],
  }
  // JSON is YAML.
  writeFileSync(join(dir, 'dda.config.yaml'), JSON.stringify(config))
  await run()
} finally {
  await Promise.all([editor, thinker, judge].map((server) => server.close()))
  rmSync(dir, { recursive: true, force: true })
}
process.exitCode = failures.length === 0 ? 0 : 1

async function run(): Promise<void> {
  const args = ['benchmark', 'run', 'rise', '--data', data, '--json']
  const kills = Number(values.kills)
  const start = performance.now()
  for (let kill = 1; kill <= kills; kill += 1) {
    const child = startDda(dir, args)
    const ended = once(child, 'exit')
    // The first among the edits, the others among the questions, each further on.
    const goal = kill === 1 ? items.length / 2 : (items.length * 2 * (kill - 1)) / kills
    const count = (): number => (kill === 1 ? editor.count : judge.rated.length)
    const timer = setInterval(() => count() >= goal && child.kill('SIGKILL'), 5)
    const [code] = (await ended) as [number | null]
    clearInterval(timer)
    console.log(
      code === null
        ? `killed after ${editor.count} edits and ${judge.rated.length} questions`
        : `ended with ${code} before kill ${kill}`,
    )
  }
  const ran = envelope(await dda(dir, args))
  console.log(`finished after ${((performance.now() - start) / 1000).toFixed(0)} s`)
  const result = ran.data
  check(result?.state === 'finished', `the run is finished (${ran.error?.code ?? result?.state})`)
  for (const name of THINKERS) {
    const { n, edited, coverage, unparsable, missing } = result.thinkers[name].overall
      ? { ...result.thinkers[name], n: result.thinkers[name].overall.n }
      : result.thinkers[name]
    check(
      n === items.length && edited === items.length && coverage === 1 && unparsable === 0 && missing === 0,
      `${name}: ${edited} of ${items.length} edited, n ${n}, coverage ${coverage}, unparsable ${unparsable}, missing ${missing}`,
    )
    const absent = items.filter(
      ({ index, category }) => !existsSync(join(result.thinkers[name].results, 'images', category, `${index}.png`)),
    )
    check(absent.length === 0, `${name}: official layout, ${items.length - absent.length} pictures`)
  }
  check(
    editor.count <= THINKERS.length * items.length + kills * PLACES,
    `${editor.count} edits asked for, ${THINKERS.length * items.length} needed, ${kills} kills`,
  )
  const different = new Set(judge.rated.map(({ text, pictures }) => [text, ...pictures.map(digest)].join(' '))).size
  check(
    judge.rated.length <= different + kills * PLACES,
    `${judge.rated.length} questions asked, ${different} different ones, ${kills} kills of ${PLACES} places`,
  )
  await checkReferences()
  for (const name of THINKERS) {
    const { results, overall } = result.thinkers[name]
    const scored = envelope(
      await dda(dir, ['benchmark', 'score', 'rise', '--data', data, '--results', results, '--json']),
    )
    check(
      JSON.stringify(scored.data?.overall) === JSON.stringify(overall),
      `${name}: the same scores out of the files, accuracy ${overall.accuracy}, score ${overall.score}`,
    )
  }
}

/** Pictures travel in the form that the store keeps, so that is what they are looked for in. */
async function checkReferences(): Promise<void> {
  const normal = async (path: string): Promise<string> =>
    digest((await normalPicture(readFileSync(join(data, path)))).bytes)
  const asked = new Map<string, number>()
  for (const { pictures } of judge.rated) {
    for (const hash of new Set(pictures.map(digest))) asked.set(hash, (asked.get(hash) ?? 0) + 1)
  }
  const withReference = items.filter(({ reference_img }) => reference_img !== undefined)
  const reached: Item[] = []
  for (const item of withReference) {
    if ((asked.get(await normal(String(item.reference_img))) ?? 0) >= THINKERS.length) reached.push(item)
  }
  check(
    reached.length === withReference.length,
    `${reached.length} of ${withReference.length} reference pictures at the judge, for each Thinker`,
  )
}
