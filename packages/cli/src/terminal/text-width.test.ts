import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { makeColors } from './colors.ts'
import { ESCAPE } from './shown-text.ts'
import { cutTo, padEnd, padStart, PLAIN, widthOf } from './text-width.ts'

test('columns are those of a terminal', () => {
  expect(['abc', '红苹果', '🍎', '👩‍🌾', 'é', 'e\u0301', '', 'ｱ'].map(widthOf)).toEqual([3, 6, 2, 2, 1, 1, 0, 1])
})

test('what is measured without string-width is as wide as it says, whatever stands beside it', () => {
  const signs = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((sign) =>
    PLAIN.test(sign),
  )
  expect(signs.length).toBeGreaterThan(1000)
  const texts = signs.flatMap((sign) => [sign, `e${sign}→`])
  expect(texts.filter((text) => text.length !== stringWidth(text))).toEqual([])
})

test('colours take no room, controls that are shown take theirs', () => {
  expect(widthOf(makeColors(true).red('red'))).toBe(3)
  expect(widthOf(`${ESCAPE}[31mred${ESCAPE}[39m`)).toBe(3)
  // Shown as one sign each.
  expect(widthOf('a\u0007b\u001B[31m')).toBe(8)
})

test('what is padded is as wide as asked, or as it is', () => {
  expect(padEnd('红', 4)).toBe('红  ')
  expect(padStart('🍎', 4)).toBe('  🍎')
  expect(padEnd('红苹果', 4)).toBe('红苹果')
})

test('what is cut fits, and no character is halved', () => {
  expect(cutTo('红苹果', 6)).toBe('红苹果')
  expect(cutTo('红苹果', 5)).toBe('红苹…')
  expect(cutTo('红苹果', 4)).toBe('红…')
  expect(cutTo('ab👩‍🌾cd', 5)).toBe('ab👩‍🌾…')
  expect(widthOf(cutTo('🍎'.repeat(40), 21))).toBeLessThanOrEqual(21)
})
