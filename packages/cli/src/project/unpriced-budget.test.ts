import { expect, test } from 'vitest'
import type { ProjectConfig } from '@dda-thinker/config'
import { unpricedBudget } from './unpriced-budget.ts'

const PRICED = { use: 'openai', endpoints: ['http://a/v1'], price: { perEdit: 0.01 } }
const JUDGE = { use: 'vlm', endpoint: 'http://b/v1' }
const config = (given: object, money?: number) =>
  ({ budget: money === undefined ? {} : { money }, ...given }) as unknown as ProjectConfig

test.each<[string, ProjectConfig, RegExp | undefined]>([
  ['no budget of money', config({ judge: [JUDGE] }), undefined],
  ['all services priced', config({ editor: PRICED, judge: [{ use: 'tabletop' }] }, 5), undefined],
  ['one of two priced', config({ editor: PRICED, judge: [JUDGE] }, 5), /no price is set for judge\[0\] \(vlm\)/],
  ['no service at all', config({ editor: { use: 'tabletop' } }, 5), /nothing in the configuration costs any/],
  ['a budget of nothing is one', config({ judge: [JUDGE] }, 0), /budget\.money is 0/],
])('%s', (_what, given, expected) => {
  const said = unpricedBudget(given)
  if (expected === undefined) expect(said).toBeUndefined()
  else expect(said).toMatch(expected)
})
