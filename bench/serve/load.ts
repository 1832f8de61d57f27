import { Pool } from 'undici'

export interface Load {
  readonly 'requests/s': number
  readonly 'p50 ms': number
  readonly 'p99 ms': number
  readonly failed: number
}

/** One request; resolves to whether it was answered with a reward. */
type Send = (index: number) => Promise<boolean>

/** POSTs JSON over kept connections. @param body of the request with an index */
export function sender(url: string, path: string, body: (index: number) => object): Send & { close(): Promise<void> } {
  const pool = new Pool(url, { connections: 64 })
  const headers = { 'content-type': 'application/json' }
  const send: Send = async (index) => {
    const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body(index)) })
    const { reward } = (await answer.body.json()) as { readonly reward?: unknown }
    return answer.statusCode === 200 && typeof reward === 'number'
  }
  return Object.assign(send, { close: () => pool.close() })
}

/** Open loop: requests begin at a rate, whether earlier ones have been answered or not. Latencies count from when each was due. */
export async function openLoop(send: Send, rate: number, seconds: number): Promise<Load> {
  const [count, begun] = [rate * seconds, performance.now()]
  const waits: number[] = []
  const under: Promise<void>[] = []
  let failed = 0
  for (let index = 0; index < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - begun) / 1000) * rate) + 1)
    for (; index < due; index += 1) {
      const at = begun + (index / rate) * 1000
      const count = async (): Promise<void> => {
        const good = await send(index).catch(() => false)
        if (!good) failed += 1
        waits.push(performance.now() - at)
      }
      under.push(count())
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(under)
  return summary(waits, failed, begun)
}

/** Closed loop: so many callers, each of which sends when it has its answer. */
export async function closedLoop(send: Send, callers: number, count: number): Promise<Load> {
  const begun = performance.now()
  const waits: number[] = []
  let [next, failed] = [0, 0]
  const caller = async (): Promise<void> => {
    while (next < count) {
      const [index, at] = [next++, performance.now()]
      if (!(await send(index).catch(() => false))) failed += 1
      waits.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return summary(waits, failed, begun)
}

function summary(waits: number[], failed: number, begun: number): Load {
  const seconds = (performance.now() - begun) / 1000
  const sorted = waits.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return {
    'requests/s': Math.round(waits.length / seconds),
    'p50 ms': Number(at(0.5).toPrecision(3)),
    'p99 ms': Number(at(0.99).toPrecision(3)),
    failed,
  }
}
