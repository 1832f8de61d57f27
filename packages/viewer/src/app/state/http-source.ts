import type { Held } from '../../columns/wire.ts'
import type { Asking, Source } from './source.ts'

/** What a server answers. */
export class HttpSource implements Source {
  readonly live = true

  head() {
    return json<Awaited<ReturnType<Source['head']>>>('data/head.json')
  }

  funnel() {
    return json<Awaited<ReturnType<Source['funnel']>>>('data/funnel.json')
  }

  compare(a: string, b: string) {
    return json<Awaited<ReturnType<Source['compare']>>>('data/compare.json', { a, b })
  }

  columns(run: string, held: Held, generation: number, isBlind: boolean) {
    const query = Object.fromEntries(
      Object.entries({ ...held, generation, ...(isBlind ? { blind: 1 } : {}) }).map(([name, value]) => [
        name,
        String(value),
      ]),
    )
    return bytes(`${of(run)}/columns.bin`, query)
  }

  rollouts(run: string, rows: readonly number[]) {
    return json<Awaited<ReturnType<Source['rollouts']>>>(`${of(run)}/rollouts.json`, { rows: rows.join(',') })
  }

  samples(run: string, places: readonly number[]) {
    return json<Awaited<ReturnType<Source['samples']>>>(`${of(run)}/samples.json`, { samples: places.join(',') })
  }

  metrics(run: string) {
    return json<Awaited<ReturnType<Source['metrics']>>>(`${of(run)}/metrics.json`)
  }

  search(run: string, text: string, rows: number) {
    return bytes(`${of(run)}/search.bin`, { text, rows: String(rows) })
  }

  annotations(run: string, by?: string) {
    const query = by === undefined ? {} : { by }
    return json<Awaited<ReturnType<Source['annotations']>>>(`${of(run)}/annotations.json`, query)
  }

  agreement(run: string) {
    return json<Awaited<ReturnType<Source['agreement']>>>(`${of(run)}/agreement.json`)
  }

  readonly asking: Asking = {
    questions(run, row, by) {
      return json<Awaited<ReturnType<Asking['questions']>>>(`${of(run)}/questions.json`, { row: String(row), by })
    },
    async answer(run, answers) {
      const response = await checked(
        await fetch(`${of(run)}/annotations.json`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(answers),
        }),
      )
      return (await response.json()) as Awaited<ReturnType<Asking['answer']>>
    },
    async draws(run, seed, rows) {
      const drawn = await bytes(`${of(run)}/draws.bin`, { seed: String(seed), rows: String(rows) })
      return new Uint32Array(drawn.buffer)
    },
    calibration: (run) => `${of(run)}/calibration.jsonl`,
  }

  picture(file: string) {
    return `pictures/${file}`
  }

  thumbnail(file: string) {
    return `thumbnails/${file}`
  }
}

function of(run: string): string {
  return `data/runs/${encodeURIComponent(run)}`
}

async function ask(path: string, query: Readonly<Record<string, string>> = {}): Promise<Response> {
  const text = new URLSearchParams(query).toString()
  return checked(await fetch(text === '' ? path : `${path}?${text}`))
}

/** @throws what the server says */
async function checked(response: Response): Promise<Response> {
  if (response.ok) return response
  const body = (await response.json().catch(() => undefined)) as
    | { readonly error?: { readonly message?: string; readonly next?: string } }
    | undefined
  const { message = `the server answers ${response.status}`, next = '' } = body?.error ?? {}
  throw new Error(`${message}. ${next}`)
}

async function json<T>(path: string, query?: Readonly<Record<string, string>>): Promise<T> {
  return (await (await ask(path, query)).json()) as T
}

async function bytes(path: string, query?: Readonly<Record<string, string>>): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(path, query)).arrayBuffer())
}
