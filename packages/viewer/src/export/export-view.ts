import { isDdaError } from '@dda-thinker/plugin-api'
import { type ContentStore, Thumbnails } from '@dda-thinker/store'
import { encodeChunk, NOTHING } from '../columns/wire.ts'
import { ViewedProject, type ViewedProjectOptions } from '../records/viewed-project.ts'
import type { RunAnswers } from '../records/run-answers.ts'
import type { ViewedRun } from '../records/viewed-run.ts'
import { readApp } from '../server/app-files.ts'
import { imageOfFile } from '../server/picture-routes.ts'
import { CHUNK, chunkPath, comparisonName, dataPath } from '../wire/export-paths.ts'
import type { RunHead, ViewHead } from '../wire/view-data.ts'
import { type ExportSink, fileSink, folderSink } from './export-sink.ts'
import { pictureFile } from '../records/column-writer.ts'

export interface ExportViewOptions extends ViewedProjectOptions {
  readonly images: ContentStore
  /** A folder for any web server, or a file ending in `.html` with everything in it, pictures as thumbnails. */
  readonly target: string
  /** Folder of the built page. Default: the one in this package. */
  readonly app?: string
}

/** What was written. */
export interface ExportedView {
  readonly target: string
  readonly runs: number
  readonly rollouts: number
  readonly pictures: number
  /** Pictures that are gone or damaged. */
  readonly lost: number
}

/**
 * Writes what `createViewer` would show as files: whole or not at all.
 *
 * @throws DdaError `DDA_VIEW_EXPORT`, `DDA_VIEW_APP`
 */
export async function exportView(options: ExportViewOptions): Promise<ExportedView> {
  const { images, target, app: folder } = options
  const app = await readApp(folder)
  const project = new ViewedProject(options)
  const sink = target.endsWith('.html') ? fileSink(target) : await folderSink(target)
  const pictures = new Set<string>()
  let rollouts = 0
  try {
    const head = await project.head()
    for (const { name } of head.runs) {
      const run = await project.run(name)
      rollouts += await writeRun(sink, run, pictures)
      await writeAnswers(sink, name, await project.answers(name))
    }
    const comparisons = await writeComparisons(sink, project, head)
    await writeJson(sink, dataPath('head.json'), { ...head, comparisons } satisfies ViewHead)
    await writeJson(sink, dataPath('funnel.json'), await project.funnel())
    const lost = await writePictures(sink, pictures, images)
    await sink.finish(app)
    return { target, runs: head.runs.length, rollouts, pictures: pictures.size, lost }
  } catch (error) {
    await sink.discard()
    throw error
  }
}

async function writeRun(sink: ExportSink, run: ViewedRun, pictures: Set<string>): Promise<number> {
  const { index } = run
  const { name } = run.run
  await index.refresh()
  const { columns, texts } = index
  await sink.write(dataPath('runs', name, 'columns.bin'), encodeChunk(columns, NOTHING, index.state()))
  await writeJson(sink, dataPath('runs', name, 'metrics.json'), await run.metrics())
  await writeJson(sink, dataPath('runs', name, 'texts.json'), [...texts])
  const each = async (
    kind: 'rollouts' | 'samples',
    length: number,
    read: (places: readonly number[]) => Promise<unknown>,
  ) => {
    for (let first = 0; first < length; first += CHUNK) {
      const places = Array.from({ length: Math.min(CHUNK, length - first) }, (_, i) => first + i)
      await writeJson(sink, chunkPath(name, kind, first), await read(places))
    }
  }
  await each('rollouts', columns.length, (rows) => run.rollouts(rows))
  await each('samples', columns.sampleFacts.length, async (places) => {
    const samples = await run.samples(places)
    for (const sample of samples)
      for (const image of [...(sample?.images ?? []), sample?.referenceImage])
        if (image !== undefined) pictures.add(pictureFile(image))
    return samples
  })
  for (let place = 0; place < columns.pictures; place += 1) pictures.add(columns.pictureFile(place))
  return columns.length
}

async function writeAnswers(sink: ExportSink, run: string, answers: RunAnswers): Promise<void> {
  await writeJson(sink, dataPath('runs', run, 'annotations.json'), await answers.current())
  await writeJson(sink, dataPath('runs', run, 'agreement.json'), await answers.agreement())
}

/** Thinkers of finished evaluations, each with each. */
async function writeComparisons(
  sink: ExportSink,
  project: ViewedProject,
  { runs }: ViewHead,
): Promise<readonly string[]> {
  const arms = runs
    .filter(({ task }) => task === 'evaluate')
    .flatMap(({ name, scores }: RunHead) => Object.keys(scores).map((thinker) => `${name}/${thinker}`))
  const names: string[] = []
  for (const a of arms)
    for (const b of arms) {
      if (a === b) continue
      try {
        await writeJson(sink, dataPath('compare', `${names.length}.json`), await project.compare(a, b))
        names.push(comparisonName(a, b))
      } catch (error) {
        // Of data that are no longer there: the pictures are still shown.
        if (!isDdaError(error) || error.code !== 'DDA_DATA_MISSING') throw error
      }
    }
  return names
}

async function writePictures(sink: ExportSink, files: ReadonlySet<string>, images: ContentStore): Promise<number> {
  const thumbnails = new Thumbnails(images)
  let lost = 0
  for (const file of files) {
    const image = imageOfFile(file)
    try {
      await sink.write(`thumbnails/${file}`, (await thumbnails.get(image)).bytes)
      if (sink.originals) await sink.write(`pictures/${file}`, await images.get(image))
    } catch (error) {
      if (!isDdaError(error) || error.code.startsWith('DDA_VIEW')) throw error
      lost += 1
    }
  }
  return lost
}

function writeJson(sink: ExportSink, path: string, value: unknown): Promise<void> {
  return sink.write(path, Buffer.from(JSON.stringify(value)))
}
