import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { installArguments, REQUIREMENTS, UV_PIN } from './requirements.ts'

/** Versions and markers by normalised name. */
function pins(text: string): Readonly<Record<string, string>> {
  const lines = text.matchAll(/^([\w.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$/gm)
  return Object.fromEntries(
    [...lines].map(([, name = '', version, marker = '']) => [
      name.toLowerCase().replaceAll(/[._]/g, '-'),
      `${version} ${marker}`.trim(),
    ]),
  )
}

test.each([
  [REQUIREMENTS, 50],
  [UV_PIN, 1],
])('every pin of %s has its hashes, and the installer is given those', (file, least) => {
  const [flag, , hashed = ''] = installArguments(file)
  expect(flag).toBe('--require-hashes')
  const text = readFileSync(hashed, 'utf8')
  expect(Object.keys(pins(text)).length).toBeGreaterThanOrEqual(least)
  expect(pins(text)).toEqual(pins(readFileSync(file, 'utf8')))
  // A pin is followed by a hash, and every other line is one.
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const [i, line] of lines.entries()) {
    if (line.includes('==')) expect(lines[i + 1], line).toMatch(/^ {4}--hash=sha256:/)
    else expect(line).toMatch(/^ {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$/)
  }
})

test('a list without hashes beside it is given as it is', () => {
  expect(installArguments('/nowhere/else.txt')).toEqual(['-r', '/nowhere/else.txt'])
})
