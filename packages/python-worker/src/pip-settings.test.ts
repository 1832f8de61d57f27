import { expect, test } from 'vitest'
import { uvSettings } from './pip-settings.ts'

const STRATEGY = { UV_INDEX_STRATEGY: 'unsafe-best-match' }

test('pip without a configuration', () => {
  expect(uvSettings('')).toEqual(STRATEGY)
})

test('where packages come from is the same for uv, and a later section holds', () => {
  const listing = [
    ":env:.cert='/etc/ssl/ours.pem'",
    ":env:.default-timeout='180'",
    ":env:.disable-pip-version-check='1'",
    "global.cert='/etc/ssl/theirs.pem'",
    "global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'",
    "global.index-url='https://mirror.example/simple'",
    "install.find-links='/wheels /more'",
    "wheel.no-binary=':all:'",
    '',
  ].join('\r\n')
  expect(uvSettings(listing)).toEqual({
    ...STRATEGY,
    SSL_CERT_FILE: '/etc/ssl/ours.pem',
    UV_DEFAULT_INDEX: 'https://mirror.example/simple',
    UV_FIND_LINKS: '/wheels,/more',
    UV_HTTP_TIMEOUT: '180',
    UV_INDEX: 'https://one.example/simple https://two.example/simple',
  })
})

test.each([
  "global.no-index='true'",
  "install.constraint='pins.txt'",
  ":env:.no-binary=':all:'",
  String.raw`global.find-links='C:\\wheels'`,
])('%s is left to pip', (line) => {
  expect(uvSettings(`global.retries='3'\n${line}\n`)).toBeUndefined()
})
