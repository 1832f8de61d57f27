// Damage to files: what editors, other programs, torn writes and spoiled disks leave, by a seed.
import { mulberry32 } from '../packages/plugin-api/src/random.ts'

export type Dice = () => number

export const diceOf = mulberry32

export function pick<T>(dice: Dice, from: readonly T[]): T {
  return from[Math.floor(dice() * from.length)] as T
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_VALUE,
  '',
  'x'.repeat(300),
  '../../x',
  'a\0b',
  '\u2028\u001B[2J',
  'constructor',
  [],
  [null],
  {},
  { markup: '<b>' },
  { toString: 1 },
]
const KEYS = ['constructor', 'toString', 'hasOwnProperty', '__proto__', '', '0', 'x'.repeat(300), 'markup', '../x']

/** One damage. @param text a file that is sound */
export function damaged(dice: Dice, text: Buffer): Buffer {
  const kind = dice()
  if (kind < 0.6) {
    const other = otherValue(dice, text.toString('utf8'))
    if (other !== undefined) return Buffer.from(other)
  }
  return otherBytes(dice, text)
}

/** A value inside, a key, or all of it is another; of JSON and of JSON lines. */
function otherValue(dice: Dice, text: string): string | undefined {
  try {
    return JSON.stringify(changed(dice, JSON.parse(text)), undefined, 2)
  } catch {
    // Lines, or something else.
  }
  const lines = text.split('\n')
  const at = Math.floor(dice() * Math.min(lines.length, 40))
  try {
    lines[at] = JSON.stringify(changed(dice, JSON.parse(lines[at] ?? '')))
    return lines.join('\n')
  } catch {
    return undefined
  }
}

function changed(dice: Dice, value: unknown, depth = 0): unknown {
  const isParent = typeof value === 'object' && value !== null
  const keys = isParent ? Object.keys(value) : []
  if (!isParent || keys.length === 0 || dice() < 0.12 + depth * 0.05) return pick(dice, VALUES)
  const key = pick(dice, keys)
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [...(value as unknown[])] : { ...value }
  const inner = (copy as Record<string, unknown>)[key]
  const how = dice()
  if (how < 0.12) Reflect.deleteProperty(copy, key)
  else if (how < 0.2 && !Array.isArray(copy)) {
    Object.defineProperty(copy, pick(dice, KEYS), {
      value: inner,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else (copy as Record<string, unknown>)[key] = changed(dice, inner, depth + 1)
  return copy
}

const WHOLE = [
  '',
  ' ',
  'null',
  '[]',
  '{}',
  '""',
  '0',
  '{',
  '\uFEFF',
  '\0',
  '- a\n- b',
  'a: &a [*a]',
  '[[[[[[',
  '<html>',
]

function otherBytes(dice: Dice, text: Buffer): Buffer {
  const at = Math.floor(dice() * (text.length + 1))
  const end = Math.min(text.length, at + 1 + Math.floor(dice() * 40))
  const splice = (middle: Buffer) => Buffer.concat([text.subarray(0, at), middle, text.subarray(end)])
  switch (Math.floor(dice() * 8)) {
    case 0:
      return Buffer.from(pick(dice, WHOLE))
    case 1:
      return text.subarray(0, at)
    case 2:
      return splice(Buffer.alloc(0))
    case 3:
      return splice(Buffer.from(Array.from({ length: 1 + Math.floor(dice() * 16) }, () => Math.floor(dice() * 256))))
    case 4:
      return splice(
        Buffer.from(
          pick(dice, ['\u2028', '\uFEFF', '\r\n', '\0', '{}', '[', '"', '...', '&a', '*a', '!!js', '\t', '1e999']),
        ),
      )
    case 5:
      return Buffer.concat([text, text.subarray(at, end)])
    case 6:
      return Buffer.concat([Buffer.from('\uFEFF'), text])
    default: {
      const copy = Buffer.from(text)
      if (copy.length > 0) copy[at % copy.length] = Math.floor(dice() * 256)
      return copy
    }
  }
}

/** One damage to a word of a command line. */
export function otherWord(dice: Dice, word: string): string {
  const text = damaged(dice, Buffer.from(word)).toString('utf8')
  return dice() < 0.5
    ? text.slice(0, 400)
    : word.slice(0, Math.floor(dice() * word.length)) + pick(dice, KEYS) + word.slice(Math.floor(dice() * word.length))
}
