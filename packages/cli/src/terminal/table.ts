import { padEnd, padStart, widthOf } from './text-width.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** A plain text table: columns two spaces apart, as wide as their widest cell is on a terminal. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => row.map(onOneLine))
  const widths = columns.map(({ title }, i) =>
    lines.reduce((width, row) => Math.max(width, widthOf(row[i] ?? '')), widthOf(title)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const width = widths[i] ?? 0
        return columns[i]?.align === 'right' ? padStart(cell, width) : padEnd(cell, width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...lines.map(line)].join('\n')
}

/** Blanks with a line break or a tab among them become one; in time that grows with the text alone. */
function onOneLine(cell: string): string {
  return cell.replaceAll(/\s+/g, (blanks) => (/[\r\n\t\u2028\u2029]/.test(blanks) ? ' ' : blanks))
}

/** `88 %`, or a dash for nothing. */
export function percent(value: number | null | undefined, digits = 0): string {
  return value === undefined || value === null ? '–' : `${(value * 100).toFixed(digits)} %`
}

/** `88 % (83–92)`. */
export function withInterval(value: number | undefined, low: number | undefined, high: number | undefined): string {
  if (value === undefined || low === undefined || high === undefined) return '–'
  return `${percent(value)} (${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)})`
}

/** Signed, with a true minus: `+0.31`, `−0.02`. */
export function signed(value: number | undefined, digits = 3): string {
  if (value === undefined) return '–'
  const text = Math.abs(value).toFixed(digits)
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`
}

/** Three digits; whole numbers from a hundred on. */
export function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
