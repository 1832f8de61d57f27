import { expect, test } from 'vitest'
import { parseVocabulary, Vocabulary } from './vocabulary.ts'
import { buildVocabulary } from './vocabulary-builder.ts'
import { Tokenizer } from './tokenizer.ts'

const TEXTS = [
  '<look>a red cup far left; an apple</look>\n<plan>turn the red cup into a vase; turn the apple into a tree</plan>',
  'turn the cup upside down. what is left of the cup?',
]
const vocabulary = buildVocabulary(TEXTS, { minCount: 1, limit: 200 })
const tokenizer = new Tokenizer(vocabulary)
const pieces = (text: string): string[] => tokenizer.encode(text).map((id) => vocabulary.pieces[id] ?? '')

test('frequent phrases are one token, and the longest one wins', () => {
  expect(pieces('Turn the red cup')[0]).toMatch(/^turn the/)
  expect(pieces('turn').join()).toBe('turn')
})

test('canonical text survives encoding and decoding', () => {
  for (const text of TEXTS) expect(tokenizer.decode(tokenizer.encode(text)).text).toBe(text)
})

test('any text can be encoded', () => {
  expect(tokenizer.decode(tokenizer.encode("A xylophone's 3.5 kg (new!)")).text).toBe("a xylophone's 3.5 kg (new!)")
  expect(tokenizer.decode(tokenizer.encode('漢 cup')).text).toBe('\uFFFD cup')
  expect(tokenizer.encode('  ')).toEqual([])
  expect(pieces('<look')).not.toContain('<look>')
})

test('every token has its end in the text', () => {
  const ids = [...tokenizer.encode(TEXTS[0] ?? ''), 0]
  const { text, ends } = tokenizer.decode(ids)
  expect(ends).toHaveLength(ids.length)
  expect(ends.at(-1)).toBe(text.length)
  expect(ends).toEqual(ends.toSorted((a, b) => a - b))
  for (let t = 0; t < ids.length - 1; t++) {
    expect(tokenizer.decode(ids.slice(0, t + 1)).text).toBe(text.slice(0, ends[t]))
  }
})

test('a vocabulary file is read back, and a wrong one refused', () => {
  const file = JSON.parse(JSON.stringify(vocabulary.toFile())) as Record<string, unknown>
  expect(parseVocabulary(file).hash).toBe(vocabulary.hash)
  const invalid = expect.objectContaining({ code: 'DDA_VOCABULARY_INVALID' }) as Error
  expect(() => parseVocabulary({ ...file, format: 'x' })).toThrow(invalid)
  const doubled = [vocabulary.pieces[0] ?? '', ...vocabulary.pieces]
  expect(() => new Vocabulary({ tags: [], pieces: doubled })).toThrow(invalid)
  expect(() => new Vocabulary({ tags: ['<x>'], pieces: vocabulary.pieces })).toThrow(invalid)
})

test('the builder keeps to its limit and makes the same vocabulary again', () => {
  const texts = Array.from({ length: 300 }, (_, i) => `word${i} and word${i % 7} with a cup`)
  const first = buildVocabulary(texts, { limit: 300, minCount: 1 })
  expect(first.size).toBe(300)
  expect(buildVocabulary(texts, { limit: 300, minCount: 1 }).hash).toBe(first.hash)
  expect(buildVocabulary(texts, { phraseWords: 1 }).longestPhrase).toBe(1)
})
