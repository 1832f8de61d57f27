// docs/compatibility.md: a table of what was really run. A run replaces the rows of its own software and keeps the others.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Rows by software. @param page path of the page, which need not be there */
export function readRows(page) {
  if (!existsSync(page)) return new Map()
  const text = readFileSync(page, 'utf8')
  const cells = [...text.matchAll(/^\| (.+) \|$/gm)].map(([, line]) => line.split(' | ')).slice(1)
  return new Map(
    cells
      .filter((row) => row.length === 5)
      .map(([software, version, date, result, set]) => [software, { software, version, date, result, set, ok: true }]),
  )
}

export function writeRows(page, rows) {
  const lines = [...rows.values()]
    .toSorted((a, b) => (a.software < b.software ? -1 : 1))
    .map(({ software, version, date, result, set }) => `| ${[software, version, date, result, set].join(' | ')} |`)
  writeFileSync(
    page,
    `<!-- Made by scripts/test-real.mjs and scripts/test-engines.mjs from runs. Do not edit. -->

# Compatibility

Software at the other end that was really run, with tiny random weights, by \`npm run test:real\` and \`npm run test:engines\`. What is not in
the table was not run.

| software | version | date | what was run, and how it ended | what to set |
|---|---|---|---|---|
${lines.join('\n')}
`,
  )
}
