import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Redactor, Secret } from './secrets.ts'
import { checkEndpointUrls } from './endpoint-options.ts'

const KEY = 'very-secret-0123456789/+="\\'

test('a key shows itself to nobody but who asks for it', () => {
  const secret = new Secret(KEY)
  const shown = [String(secret), inspect({ secret }, { showHidden: true }), JSON.stringify({ secret })]
  expect(shown.join()).not.toContain('very-secret')
  expect(secret.reveal()).toBe(KEY)
})

test('keys come from the environment, or not at all', () => {
  expect(Secret.fromEnv(undefined)).toBeUndefined()
  expect(Secret.fromEnv('A', { A: ' abc\n' })?.reveal()).toBe('abc')
  for (const value of [undefined, '', '  ', 'a\r\nX-Evil: 1', 'schlüssel']) {
    const read = (): unknown => Secret.fromEnv('A_KEY', { A_KEY: value })
    expect(read).toThrow(expect.objectContaining({ code: 'DDA_ENDPOINT_KEY_MISSING', kind: 'unavailable' }))
    expect(read).toThrow(/A_KEY/)
  }
})

test('takes keys and what looks like keys out of texts', () => {
  const redactor = new Redactor([new Secret(KEY), undefined])
  const text = [
    KEY,
    JSON.stringify(KEY),
    encodeURIComponent(KEY),
    'Bearer abcdefgh12345678',
    'sk-proj-AAAABBBBCCCCDDDD1111',
    'http://user:hunter2@host/path',
    'https://host/a.png?sig=AbC123&token=hunter2',
  ].join(' | ')
  const clean = redactor.redact(text)
  for (const part of ['very-secret', 'abcdefgh12345678', 'AAAABBBB', 'hunter2', 'AbC123']) {
    expect(clean).not.toContain(part)
  }
  expect(clean).toContain('//[redacted]@host/path')
})

test('excerpts are one short line without control characters, redacted before they are cut', () => {
  const redactor = new Redactor([new Secret(KEY)])
  expect(redactor.excerpt(`a\n\u001b[31m b${'c'.repeat(20)}`, 10)).toBe('a [31m bcc…')
  expect(redactor.excerpt(`123456${KEY}`, 12)).toBe('123456[redac…')
})

test('a URL with a key in it is refused without being repeated', () => {
  expect(() => checkEndpointUrls(['http://gpu-1:8000/v1'])).not.toThrow()
  for (const url of ['gpu-1:8000', 'nonsense', 'http://u:hunter2@h/v1', 'http://h/v1?key=hunter2', 'ftp://h']) {
    const check = (): void => checkEndpointUrls(['http://ok', url])
    expect(check).toThrow(expect.objectContaining({ code: 'DDA_ENDPOINT_URL' }))
    expect(check).toThrow(/endpoints\[1\]/)
    expect(check).not.toThrow(/hunter2/)
  }
})
