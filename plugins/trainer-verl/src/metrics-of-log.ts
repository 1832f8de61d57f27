/** Of the console logger of verl (`step:3 - actor/loss:0.1 - ...`), behind whatever prefix Ray gives its lines. */
const LINE = /(?:^|\s)step:(\d+) - (.+)$/
const NUMBER = /^(?:np\.float\d+\()?(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\)?$/i
/** Colours that terminals are told. */
// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001B\[[\d;]*m/g

/**
 * Metrics of each step that the log tells of, by step. A step that is told twice, after a resumed job for example, has the later ones. What
 * is no finite number is left out: it was not measured.
 */
export function metricsOfLog(log: string): ReadonlyMap<number, Readonly<Record<string, number>>> {
  const found = new Map<number, Record<string, number>>()
  for (const line of log.replaceAll(COLOURS, '').split(/\r?\n/)) {
    const [, step, rest] = LINE.exec(line) ?? []
    if (step === undefined || rest === undefined) continue
    const metrics = found.get(Number(step)) ?? {}
    for (const part of rest.split(' - ')) {
      const at = part.lastIndexOf(':')
      const value = NUMBER.exec(part.slice(at + 1).trim())?.[1]
      if (at > 0 && value !== undefined) metrics[`verl/${part.slice(0, at).trim()}`] = Number(value)
    }
    found.set(Number(step), metrics)
  }
  return found
}
