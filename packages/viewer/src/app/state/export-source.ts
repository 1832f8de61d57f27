import type {
  EvaluationComparison,
  Funnel,
  RolloutDetail,
  RowAnnotation,
  RunAgreement,
  RunMetrics,
  Sample,
  ViewHead,
} from '../../wire/view-data.ts'
import { CHUNK, chunkPath, comparisonName, dataPath } from '../../wire/export-paths.ts'
import type { Source } from './source.ts'

/** The files of an export, by path. */
export interface ExportFiles {
  read(path: string): Promise<Uint8Array>
  /** Address of a picture. */
  address(path: string): string
  readonly originals: boolean
}

/** What `dda view --export` wrote. Nothing is added to it. */
export class ExportSource implements Source {
  readonly live = false
  readonly #files: ExportFiles
  readonly #kept = new Map<string, Promise<unknown>>()

  constructor(files: ExportFiles) {
    this.#files = files
  }

  head() {
    return this.#json<ViewHead>(dataPath('head.json'))
  }

  funnel() {
    return this.#json<Funnel | null>(dataPath('funnel.json'))
  }

  async compare(a: string, b: string) {
    const place = (await this.head()).comparisons?.indexOf(comparisonName(a, b)) ?? -1
    if (place === -1) throw new Error('This comparison is not in the export.')
    return this.#json<EvaluationComparison>(dataPath('compare', `${place}.json`))
  }

  columns(run: string) {
    return this.#files.read(dataPath('runs', run, 'columns.bin'))
  }

  rollouts(run: string, rows: readonly number[]) {
    return Promise.all(rows.map((row) => this.#place<RolloutDetail>(run, 'rollouts', row)))
  }

  samples(run: string, places: readonly number[]) {
    return Promise.all(places.map((place) => this.#place<Sample>(run, 'samples', place)))
  }

  metrics(run: string) {
    return this.#json<RunMetrics>(dataPath('runs', run, 'metrics.json'))
  }

  annotations(run: string) {
    return this.#json<readonly RowAnnotation[]>(dataPath('runs', run, 'annotations.json'))
  }

  agreement(run: string) {
    return this.#json<RunAgreement>(dataPath('runs', run, 'agreement.json'))
  }

  async search(run: string, text: string) {
    const texts = await this.#json<readonly string[]>(dataPath('runs', run, 'texts.json'))
    const [found, wanted] = [new Uint8Array(Math.ceil(texts.length / 8)), text.toLowerCase()]
    texts.forEach((one, row) => {
      if (one.includes(wanted)) found[row >> 3] = (found[row >> 3] ?? 0) | (1 << (row & 7))
    })
    return found
  }

  picture(file: string) {
    return this.#files.address(`${this.#files.originals ? 'pictures' : 'thumbnails'}/${file}`)
  }

  thumbnail(file: string) {
    return this.#files.address(`thumbnails/${file}`)
  }

  async #place<T>(run: string, kind: 'rollouts' | 'samples', place: number): Promise<T | null> {
    const chunk = await this.#json<readonly (T | null)[]>(chunkPath(run, kind, place))
    return chunk[place % CHUNK] ?? null
  }

  #json<T>(path: string): Promise<T> {
    let found = this.#kept.get(path)
    if (found === undefined) {
      found = this.#files.read(path).then((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown)
      // Chunks that were looked at stay; of a large export the oldest go.
      if (this.#kept.size > 64) this.#kept.delete(this.#kept.keys().next().value ?? '')
      this.#kept.set(path, found)
    }
    return found as Promise<T>
  }
}

/** Files beside the page. */
export const besideThePage: ExportFiles = {
  originals: true,
  async read(path) {
    const response = await fetch(path.split('/').map(encodeURIComponent).join('/'))
    if (!response.ok) throw new Error(`${path} is not in the export (${response.status})`)
    return new Uint8Array(await response.arrayBuffer())
  },
  address: (path) => path,
}

/** Blocks of the page itself, in base64. */
export const insideThePage: ExportFiles = {
  originals: false,
  async read(path) {
    const text = atob(block(path))
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  },
  address: (path) => `data:image/webp;base64,${block(path)}`,
}

function block(path: string): string {
  return document.querySelector(`script[data-path="${CSS.escape(path)}"]`)?.textContent ?? ''
}
