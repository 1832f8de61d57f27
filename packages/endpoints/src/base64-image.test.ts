import { encodePng } from '@dda-thinker/pictures'
import { expect, test } from 'vitest'
import { decodeBase64Image, toDataUrl } from './base64-image.ts'

test('bare, as a data URL, and with line breaks', () => {
  const bytes = Buffer.from(encodePng({ width: 20, height: 20, data: new Uint8Array(1200) }))
  const base64 = bytes.toString('base64')
  for (const text of [base64, toDataUrl(bytes, 'image/png'), base64.replaceAll(/(.{76})/g, '$1\r\n')]) {
    expect(Buffer.from(decodeBase64Image(text)).equals(bytes)).toBe(true)
  }
})

test.each(['data:text/html;base64,PGI+', 'data:image/svg+xml;base64,PHN2Zz4=', '<svg>', 'a b', '', 'abcde', 'ab=c'])(
  'refuses %j',
  (text) => {
    expect(() => decodeBase64Image(text)).toThrow(expect.objectContaining({ code: 'DDA_IMAGE_ENCODING' }))
  },
)

test('is measured before it is decoded', () => {
  expect(() => decodeBase64Image('A'.repeat(4000), { maxBytes: 1000 })).toThrow(
    expect.objectContaining({ code: 'DDA_IMAGE_TOO_LARGE' }),
  )
})
