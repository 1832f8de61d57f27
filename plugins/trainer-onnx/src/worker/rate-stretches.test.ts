import { expect, test } from 'vitest'
import { DEFAULT_SIZE, type PolicyConfig } from '../policy/config.ts'
import { parameterCount, parameterTable } from '../policy/parameters.ts'
import { rateStretches } from './rate-stretches.ts'

const config: PolicyConfig = { ...DEFAULT_SIZE, vocabulary: 50, emittable: 40 }

test('words of instructions alone and the value head take their own rates, everything else the common one', () => {
  const said = new Set([0, 7, 8, 49])
  const stretches = rateStretches(config, { instruction: 30, critic: 7 }, said)
  const factorAt = (index: number): number => stretches.find(({ end }) => index < end)?.factor ?? Number.NaN
  for (const { name, offset, size } of parameterTable(config)) {
    if (name === 'token') {
      for (let token = 0; token < config.vocabulary; token++) {
        const [first, last] = [offset + token * config.width, offset + (token + 1) * config.width - 1]
        const expected = said.has(token) ? 1 : 30
        expect([factorAt(first), factorAt(last)], `token ${token}`).toEqual([expected, expected])
      }
    } else {
      const expected = name.startsWith('value.') ? 7 : 1
      expect([factorAt(offset), factorAt(offset + size - 1)], name).toEqual([expected, expected])
    }
  }
  expect(stretches.at(-1)?.end).toBe(parameterCount(config))
})

test('equal rates are one stretch', () => {
  const whole = [{ end: parameterCount(config), factor: 1 }]
  expect(rateStretches(config, { instruction: 1, critic: 1 }, new Set([3]))).toEqual(whole)
})
