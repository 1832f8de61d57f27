import type { Colors } from './colors.ts'
import { ESCAPE } from './shown-text.ts'

export interface ProgressOptions {
  readonly stream: { write(text: string): unknown; readonly columns?: number | undefined }
  /** Redraw one status block in place; otherwise a plain line every so often. */
  readonly interactive: boolean
  readonly colors: Colors
  /** Milliseconds between plain lines. Default 5000. */
  readonly plainEvery?: number
  /** Milliseconds, monotonic. Default: `performance.now`. */
  readonly now?: () => number
}

/**
 * The status of one operation on standard error: on a terminal a block of two lines that is redrawn in place at most ten
 * times a second, elsewhere a plain line every few seconds. Other output goes through {@link Progress.line}, so that it
 * does not tear the block.
 */
export class Progress {
  readonly #options: ProgressOptions
  readonly #now: () => number
  #title = ''
  #unit = ''
  #done = 0
  #first = 0
  #total = 0
  #facts = ''
  #started = 0
  #lastDrawn = Number.NEGATIVE_INFINITY
  #lines = 0

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  start(title: string, unit: string, total: number, done = 0): void {
    this.#title = title
    this.#unit = unit
    this.#total = total
    this.#done = done
    this.#first = done
    this.#facts = ''
    this.#started = this.#now()
    this.#lastDrawn = this.#options.interactive ? Number.NEGATIVE_INFINITY : this.#started
    this.#draw()
  }

  update(done: number, facts?: string): void {
    this.#done = done
    if (facts !== undefined) this.#facts = facts
    this.#draw()
  }

  /** A line that stays. */
  line(text: string): void {
    this.#clear()
    this.#options.stream.write(`${text}\n`)
    this.#lastDrawn = this.#options.interactive ? Number.NEGATIVE_INFINITY : this.#lastDrawn
    if (this.#title !== '') this.#draw()
  }

  /** Takes the block away, leaving one line behind. */
  finish(text?: string): void {
    this.#clear()
    this.#title = ''
    if (text !== undefined) this.#options.stream.write(`${text}\n`)
  }

  #draw(): void {
    const { interactive, stream, colors, plainEvery = 5000 } = this.#options
    const now = this.#now()
    if (now - this.#lastDrawn < (interactive ? 100 : plainEvery)) return
    this.#lastDrawn = now
    if (!interactive) {
      const facts = this.#facts === '' ? '' : `; ${this.#facts}`
      stream.write(`${this.#title}: ${this.#count()}${facts}; ${this.#times(now)}\n`)
      return
    }
    // Some pseudo-terminals say 0.
    const columns = Math.max(40, stream.columns === 0 ? 80 : (stream.columns ?? 80)) - 1
    const head = `${colors.bold(this.#title)}  ${this.#bar()}  ${this.#count()}  ${colors.dim(this.#times(now))}`
    const lines = [head, ...(this.#facts === '' ? [] : [colors.dim(`  ${this.#facts}`.slice(0, columns))])]
    this.#clear()
    stream.write(lines.map((line) => `${line}\n`).join(''))
    this.#lines = lines.length
  }

  #clear(): void {
    if (this.#lines === 0) return
    this.#options.stream.write(`${ESCAPE}[${this.#lines}A${ESCAPE}[0J`)
    this.#lines = 0
  }

  #bar(): string {
    const width = 24
    const filled = this.#total === 0 ? 0 : Math.round((Math.min(this.#done, this.#total) / this.#total) * width)
    return '━'.repeat(filled) + this.#options.colors.dim('─'.repeat(width - filled))
  }

  #count(): string {
    return this.#total === 0 ? `${this.#done} ${this.#unit}` : `${this.#done}/${this.#total} ${this.#unit}`
  }

  #times(now: number): string {
    const elapsed = (now - this.#started) / 1000
    const made = this.#done - this.#first
    // From less than one in a hundred an estimate says more about the start than about the rest.
    const tooFew = made < (this.#total - this.#first) / 100
    if (tooFew || this.#total === 0 || this.#done >= this.#total) return clock(elapsed)
    return `${clock(elapsed)}, about ${clock((elapsed / made) * (this.#total - this.#done))} left`
  }
}

/** `0:42`, `12:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = `${String(m).padStart(h > 0 ? 2 : 1, '0')}:${String(s).padStart(2, '0')}`
  return h > 0 ? `${h}:${tail}` : tail
}
