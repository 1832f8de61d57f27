import { expect, test } from 'vitest'
import { formatTable, percent, signed, withInterval } from './table.ts'

test('columns are as wide as their widest cell and have no trailing space', () => {
  const table = formatTable(
    [{ title: 'name' }, { title: 'n', align: 'right' }],
    [
      ['a', '1'],
      ['longer', '100'],
    ],
  )
  expect(table.split('\n')).toEqual(['name      n', 'a         1', 'longer  100'])
})

test('columns line up under Chinese, emoji and tabs', () => {
  const table = formatTable(
    [{ title: '名称' }, { title: 'n', align: 'right' }],
    [
      ['红苹果', '1'],
      ['a\tb', '数'],
      ['a\u2028b', '2'],
      ['👩‍🌾', '100'],
    ],
  )
  expect(table.split('\n')).toEqual(['名称      n', '红苹果    1', 'a b      数', 'a b       2', '👩‍🌾      100'])
})

test('numbers that are not there are dashes, never zeros', () => {
  expect(percent(undefined)).toBe('–')
  expect(withInterval(0.5, undefined, 0.7)).toBe('–')
  expect(signed(undefined)).toBe('–')
})

test('rates, intervals and differences', () => {
  expect(percent(0.875)).toBe('88 %')
  expect(percent(0.875, 1)).toBe('87.5 %')
  expect(withInterval(0.88, 0.83, 0.92)).toBe('88 % (83–92)')
  expect([0.25, -0.25, -0.0001].map((value) => signed(value))).toEqual(['+0.250', '−0.250', '0.000'])
})
