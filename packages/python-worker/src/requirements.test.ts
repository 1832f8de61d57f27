import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pipRequirements, REQUIREMENTS } from './requirements.ts'

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

test('every pin of the environment has its hashes, and pip is given those', () => {
  const [flag, , hashed = ''] = pipRequirements(REQUIREMENTS)
  expect(flag).toBe('--require-hashes')
  const text = readFileSync(hashed, 'utf8')
  expect(Object.keys(pins(text)).length).toBeGreaterThan(50)
  expect(pins(text)).toEqual(pins(readFileSync(REQUIREMENTS, 'utf8')))
  // A pin is followed by a hash, and every other line is one.
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const [i, line] of lines.entries()) {
    if (line.includes('==')) expect(lines[i + 1], line).toMatch(/^ {4}--hash=sha256:/)
    else expect(line).toMatch(/^ {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$/)
  }
})

test('a list without hashes beside it is given as it is', () => {
  expect(pipRequirements('/nowhere/else.txt')).toEqual(['-r', '/nowhere/else.txt'])
})
