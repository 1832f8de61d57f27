import { expect, test } from 'vitest'
import { outputOf } from './output.ts'

const file = (filename: string, type = 'output'): object => ({ filename, subfolder: 'a', type })

test('the only picture is the result; saved ones go before previews', () => {
  const preview = { '3': { images: [file('p.png', 'temp')] } }
  const saved = { '10': { images: [file('s.png')] }, '11': { text: ['done'] } }
  expect(outputOf(preview, undefined)).toEqual({ filename: 'p.png', subfolder: 'a', type: 'temp' })
  expect(outputOf({ ...preview, ...saved }, undefined).filename).toBe('s.png')
  expect(outputOf({ ...preview, ...saved }, '3').filename).toBe('p.png')
})

test('none, or several of which none is named, are errors', () => {
  const two = { '9': { images: [file('a.png')] }, '10': { images: [file('b.png')] } }
  expect(() => outputOf({}, undefined)).toThrow(expect.objectContaining({ code: 'DDA_EDITOR_EMPTY' }))
  expect(() => outputOf(two, '3')).toThrow(/no picture at node 3/)
  expect(() => outputOf(two, undefined)).toThrow(expect.objectContaining({ code: 'DDA_EDITOR_OUTPUT' }))
  expect(() => outputOf(two, undefined)).toThrow(/2 pictures, at node 9, 10/)
  expect(outputOf(two, '10').filename).toBe('b.png')
  expect(() => outputOf({ '9': { images: [file('a.png'), file('b.png')] } }, '9')).toThrow(/2 pictures/)
})
