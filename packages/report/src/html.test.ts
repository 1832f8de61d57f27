import { expect, test } from 'vitest'
import { html, trusted } from './html.ts'

test('filled-in text is escaped in content and in attributes, markup is not', () => {
  const evil = `"><script>alert('x')</script>&`
  const { markup } = html`<p title="${evil}">${evil}</p>
    ${html`<b>${'ok'}</b>`}`
  expect(markup).not.toContain('<script>')
  expect(markup).toContain('<b>ok</b>')
  expect(markup.match(/&#34;&#62;&#60;script&#62;/g)).toHaveLength(2)
  expect(markup).toContain('&#39;x&#39;')
  expect(markup).toContain('&#38;')
})

test('lists are joined, absent and false parts leave nothing, numbers are written', () => {
  expect(html`${['<', html`<i></i>`]}|${undefined}|${false}|${0}`.markup).toBe('&#60;<i></i>|||0')
})

test('trusted text passes through', () => {
  expect(html`${trusted('a > b')}`.markup).toBe('a > b')
})

test('data that only look like markup, or have another type than they claim, are escaped', () => {
  const claim = (value: unknown) => html`${value as string}`.markup
  for (const value of [{ markup: '<b>' }, [{ markup: '<b>' }], Object.create({ markup: '<b>' })]) {
    expect(claim(value)).not.toContain('<')
  }
  expect([null, true, { toString: 1 }].map(claim)).toEqual(['null', 'true', '{&#34;toString&#34;:1}'])
})
