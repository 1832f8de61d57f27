/** Splits a stream of text into lines and remembers the last ones: a worker's last words. */
export class LogTail {
  readonly #lines: string[] = []
  readonly #keep: number
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void = () => undefined, keep = 40) {
    this.#onLine = onLine
    this.#keep = keep
  }

  push(text: string): void {
    // A progress bar writes its line again and again with carriage returns; only its last state counts.
    const lines = (this.#rest + text).split('\n')
    this.#rest = (lines.pop() ?? '').slice(-10_000)
    for (const line of lines) this.#add(line)
  }

  /** What stands there without a line end counts too, once nothing more comes. */
  end(): void {
    if (this.#rest !== '') this.#add(this.#rest)
    this.#rest = ''
  }

  /** The last lines, oldest first, at most 2,000 characters. */
  get words(): string {
    return [...this.#lines, ...(this.#rest === '' ? [] : [this.#rest])].join('\n').slice(-2000)
  }

  #add(raw: string): void {
    const line = (raw.replace(/\r+$/, '').split('\r').at(-1) ?? '').trimEnd()
    if (line.trim() === '') return
    this.#lines.push(line)
    if (this.#lines.length > this.#keep) this.#lines.shift()
    this.#onLine(line)
  }
}
