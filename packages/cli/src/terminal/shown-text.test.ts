import { expect, test } from 'vitest'
import { makeColors } from './colors.ts'
import { ESCAPE, forTerminal, jsonForTerminal } from './shown-text.ts'

// What a terminal acts upon: colours, cursor, title, bell, overwriting, 8-bit controls, writing turned around.
const NASTY = ['\u001B[31m', '\u001B[2A', '\u001B]0;title\u0007', '\r', '\b', '\u007F', '\u009B2J', '\u202E', '\0']

test('controls in a text are made visible, and nothing else of it changes', () => {
  for (const control of NASTY) {
    const said = forTerminal(`a${control}b`)
    expect(said).toMatch(/^a.+b$/)
    // eslint-disable-next-line no-control-regex
    expect(said).not.toMatch(/[\0-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/)
  }
  expect(forTerminal('é 日本\t→\n✔ עברית')).toBe('é 日本\t→\n✔ עברית')
})

test('the colours of the command line go through, those of what it colours do not', () => {
  const colors = makeColors(true)
  expect(forTerminal(`${colors.red('✖')} ${ESCAPE}[2A`)).toBe('\u001B[31m✖\u001B[39m \u001B[2A')
  expect(forTerminal(colors.bold(colors.red('a\u001B[2Jb')))).toBe('\u001B[1m\u001B[31ma␛[2Jb\u001B[39m\u001B[22m')
})

test('JSON keeps every value and holds no control', () => {
  const json = jsonForTerminal(JSON.stringify({ said: NASTY }))
  expect(JSON.parse(json)).toEqual({ said: NASTY })
  expect(json).toMatch(/^[\x20-\x7e]+$/)
})
