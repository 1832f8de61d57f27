/** What was set aside, most frequent reason first; '' for nothing. @param file the record, in the data folder */
export function asideText(reasons: Readonly<Record<string, number>>, file: string): string {
  const rows = Object.entries(reasons).toSorted(([, a], [, b]) => b - a)
  if (rows.length === 0) return ''
  const total = rows.reduce((sum, [, count]) => sum + count, 0)
  const lines = rows.map(([reason, count]) => `  ${count}: ${reason}`)
  return [`\n${total} set aside, each with its place in ${file} beside it:`, ...lines].join('\n')
}
