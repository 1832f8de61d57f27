import type { CurationDecision } from '@dda-thinker/plugin-api'
import { interrupted } from '../context/failure.ts'

interface Waiting {
  readonly decision: CurationDecision
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * What the earlier of several curators refuse. It leaves at once, also while the last one still collects: each refusal waits until it is
 * taken, so that none pile up.
 */
export class Refusals {
  #waiting: Waiting[] = []
  #closed = false
  #onPut: () => void = () => undefined

  /** Resolves when the decision was taken. @throws DdaError `DDA_INTERRUPTED` where nobody takes any more */
  put(decision: CurationDecision): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(interrupted())
      this.#waiting.push({ decision, resolve, reject })
      this.#onPut()
    })
  }

  /** The decisions of the last curator, and before each what was refused on the way to it. */
  async *before(decisions: AsyncIterable<CurationDecision>): AsyncIterable<CurationDecision> {
    const iterator = decisions[Symbol.asyncIterator]()
    try {
      while (true) {
        const step: { result?: IteratorResult<CurationDecision> } = {}
        const next = iterator.next().then((result) => {
          step.result = result
        })
        // A failure comes out of the race; until then nobody may call it unhandled.
        next.catch(() => undefined)
        while (step.result === undefined) {
          const put = new Promise<void>((resolve) => {
            this.#onPut = resolve
          })
          if (this.#waiting.length === 0) await Promise.race([next, put])
          yield* this.#drain()
        }
        if (step.result.done === true) return
        yield step.result.value
      }
    } finally {
      // A curator that waits for its input to go on must end before it can be left.
      this.#closed = true
      for (const { reject } of this.#waiting.splice(0)) reject(interrupted())
      await iterator.return?.(undefined)
    }
  }

  *#drain(): Iterable<CurationDecision> {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      yield first.decision
      this.#waiting.shift()
      first.resolve()
    }
  }
}
