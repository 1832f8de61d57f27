import type { Colors } from './colors.ts'
import { ESCAPE } from './shown-text.ts'
import { cutTo, widthOf } from './text-width.ts'

export interface ProgressOptions {
  readonly stream: { write(text: string): unknown; readonly columns?: number | undefined }
  /** Redraw one status block in place; otherwise a plain line every so often. */
  readonly interactive: boolean
  /** Nothing but lines that were asked for. Default false. */
  readonly silent?: boolean
  readonly colors: Colors
  /** Milliseconds between plain lines. Default 5000. */
  readonly plainEvery?: number
  /** Milliseconds, monotonic. Default: `performance.now`. */
  readonly now?: () => number
}

/** What stands below the bar besides the facts of the last update: read when it is drawn. */
export interface Standing {
  readonly lines: readonly string[]
  /** Is anything under way that a reader waits for? */
  readonly busy: boolean
}

/** Milliseconds between two looks at what is standing. */
const LOOK = 1000

/**
 * The status of one operation on standard error: on a terminal a block that is redrawn in place, at most ten times a second and, while
 * nothing else happens, once a second; elsewhere a plain line every few seconds. Other output goes through {@link Progress.line}, so
 * that it does not tear the block.
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
  #standing: () => Standing = () => ({ lines: [], busy: false })
  #changed = false
  #started = 0
  #lastDrawn = Number.NEGATIVE_INFINITY
  #lines = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** What stands below the bar, also of the operations that follow. */
  watch(standing: () => Standing): void {
    this.#standing = standing
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
    clearInterval(this.#timer)
    if (this.#options.silent !== true) this.#timer = setInterval(() => this.look(), LOOK).unref()
  }

  /**
   * @param done may be a fraction: of a step that is half done, say
   * @param facts lines; absent: those of before
   */
  update(done: number, facts?: string): void {
    this.#done = done
    this.#changed = true
    if (facts !== undefined) this.#facts = facts
    this.#draw()
  }

  /** Draws what goes on although nothing came of it; off a terminal only while something is under way. */
  look(): void {
    if (this.#title === '') return
    if (this.#options.interactive || this.#changed || this.#standing().busy) this.#draw()
  }

  /** A line that stays. */
  line(text: string): void {
    this.aside(() => void this.#options.stream.write(`${text}\n`))
  }

  /** Lets somebody else write to the stream. */
  aside(write: () => void): void {
    this.#clear()
    write()
    this.#lastDrawn = this.#options.interactive ? Number.NEGATIVE_INFINITY : this.#lastDrawn
    if (this.#title !== '') this.#draw()
  }

  /** Takes the block away. */
  finish(): void {
    clearInterval(this.#timer)
    this.#clear()
    this.#title = ''
  }

  #draw(): void {
    const { interactive, silent, stream, colors, plainEvery = 5000 } = this.#options
    const now = this.#now()
    if (silent === true || now - this.#lastDrawn < (interactive ? 100 : plainEvery)) return
    this.#lastDrawn = now
    this.#changed = false
    const facts = [...this.#facts.split('\n'), ...this.#standing().lines].filter((line) => line !== '')
    if (!interactive) {
      stream.write(`${[`${this.#title}: ${this.#count()}`, ...facts, this.#times(now)].join('; ')}\n`)
      return
    }
    // Some pseudo-terminals say 0.
    const columns = Math.max(40, stream.columns === 0 ? 80 : (stream.columns ?? 80)) - 1
    const lines = [this.#head(now, columns), ...facts.map((line) => colors.dim(cutTo(`  ${line}`, columns)))]
    this.#clear()
    stream.write(lines.map((line) => `${line}\n`).join(''))
    this.#lines = lines.length
  }

  #clear(): void {
    if (this.#lines === 0) return
    this.#options.stream.write(`${ESCAPE}[${this.#lines}A${ESCAPE}[0J`)
    this.#lines = 0
  }

  /** A line that is wider than the terminal would be two, and the block would not be found again. */
  #head(now: number, columns: number): string {
    const { colors } = this.#options
    const [title, count, times] = [this.#title, this.#count(), this.#times(now)]
    const parts = (bar: string) => [colors.bold(title), bar, count, colors.dim(times)].filter((part) => part !== '')
    const [whole, bare] = [this.#bar(), ''].map((bar) => parts(bar).join('  '))
    const fitting = [whole, bare].find((line) => line !== undefined && widthOf(line) <= columns)
    return fitting ?? cutTo([title, count, times].join('  '), columns)
  }

  #bar(): string {
    const width = 24
    const filled = this.#total === 0 ? 0 : Math.round((Math.min(this.#done, this.#total) / this.#total) * width)
    return '━'.repeat(filled) + this.#options.colors.dim('─'.repeat(width - filled))
  }

  #count(): string {
    const done = Math.floor(this.#done)
    return this.#total === 0 ? `${done} ${this.#unit}` : `${done}/${this.#total} ${this.#unit}`
  }

  #times(now: number): string {
    const elapsed = (now - this.#started) / 1000
    const made = this.#done - this.#first
    // From less than one in a hundred an estimate says more about the start than about the rest.
    const tooFew = made <= 0 || made < (this.#total - this.#first) / 100
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
