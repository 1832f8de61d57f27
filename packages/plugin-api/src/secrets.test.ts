import { expect, test } from 'vitest'
import { hashSecrets, keepSecret, redact } from './secrets.ts'

test('a value is named wherever it stands and however it is written, and JSON stays JSON', () => {
  keepSecret('LONG', 'a "b" & c/12')
  expect(redact('is a "b" & c/12.')).toBe('is ${env:LONG}.')
  for (const say of [encodeURIComponent, (text: string) => Buffer.from(text).toString('base64')]) {
    expect(redact(`x=${say('a "b" & c/12')}`)).toBe('x=${env:LONG}')
  }
  expect(redact('<p>a &#34;b&#34; &#38; c/12</p>')).toBe('<p>${env:LONG}</p>')
  for (const indent of [undefined, 2]) {
    const json = (text: string) => `${JSON.stringify({ [text]: [text, 1, null] }, undefined, indent)}\n`
    expect(redact(json('a "b" & c/12'))).toBe(json('${env:LONG}'))
  }
})

test('a short one is no part of a longer word, and what looks like data is left alone', () => {
  keepSecret('PIN', 'k3y!')
  keepSecret('COLOUR', 'vermilion')
  keepSecret('STEPS', '12000')
  keepSecret('DIGITS', '8392017455')
  expect(redact('k3y!, ak3y!, (k3y!)')).toBe('${env:PIN}, ak3y!, (${env:PIN})')
  expect(redact('vermilion for 12000 steps')).toBe('vermilion for 12000 steps')
  expect(redact('{"bytes":8392017455,"said":"8392017455"}')).toBe('{"bytes":8392017455,"said":"${env:DIGITS}"}')
})

test('of a URL so are its parts, where they are not this machine', () => {
  keepSecret('URL', 'https://me:hush-9@Models.example:8443/v1?token=t0k-en')
  keepSecret('HERE', 'http://127.0.0.1:8000/v1')
  expect(redact('models.example:8443 refused hush-9 and t0k-en')).toBe('${env:URL} refused ${env:URL} and ${env:URL}')
  expect(redact('127.0.0.1:8000 http://127.0.0.1:8000/v1')).toBe('127.0.0.1:8000 ${env:HERE}')
})

test('a fingerprint holds a hash of each, words and numbers too, and differs where they do', () => {
  keepSecret('SIZE', '4096')
  keepSecret('MODE', 'quick')
  const [one, two] = ['size=4096 mode=quick', 'size=2048 mode=quick'].map(hashSecrets)
  expect(one).toMatch(/^size=sha256:[0-9a-f]{16} mode=sha256:[0-9a-f]{16}$/)
  expect(two).not.toBe(one)
})
