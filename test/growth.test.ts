import { expect, test } from 'vitest'
import { readPlan } from '@dda-thinker/plan-text'
import { parsePlan } from '@dda-thinker/tabletop-world'
import { strictFinalScore } from '../packages/benchmark-kit/src/final-score.ts'
import { formatTable } from '../packages/cli/src/terminal/table.ts'
import { withoutEnd } from '../packages/serve/src/dialects/completion-text.ts'
import { withoutFence } from '../packages/endpoints/src/chat/without-fence.ts'
import { readScore } from '../plugins/benchmark-grade/src/read-answers.ts'
import { officialDualScores, officialScore } from '../plugins/benchmark-kris/src/official-parser.ts'
import { strictScore } from '../plugins/benchmark-kris/src/strict-parser.ts'
import { parseVerdicts } from '../packages/chat-roles/src/judge/verdict-json.ts'
import { readObject } from '../plugins/synthesizer-vlm/src/read-json.ts'

/* What models write is read in time that grows with its length, and not with its square: 64,000 blanks are no rarity. */

const LEADS = [
  '',
  'Final Score',
  '**Final Score:**',
  'consistency_score',
  'instruction score:',
  '1',
  '{',
  '```json',
  'I',
  '<plan>',
]
const PIECES = [
  ' ',
  '\n',
  '\r',
  '\u2028',
  '\t',
  '*',
  ' *',
  '1 ',
  '{',
  '"',
  '```',
  'score ',
  '{"consistency_score": ',
  'consistency_score',
  ',',
]
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  strictFinalScore: (text) => strictFinalScore(text, [1, 5]),
  officialScore: (text) => officialScore(text, 'consistency', 'metrics_common'),
  officialDualScores,
  strictScore: (text) => strictScore(text, 'consistency'),
  readScore: (text) => readScore(text, 'readability', 'official'),
  parseVerdicts: (text) => parseVerdicts(text, 2),
  readObject,
  withoutFence,
  withoutEnd,
  parsePlan,
  readPlan: (text) => readPlan(text, { strip: true }),
  formatTable: (text) => formatTable([{ title: 'a' }], [[text]]),
}
const SHORT = 16_000

/** CPU seconds of the fastest of some calls: what else the machine does can only add. */
function cost(calls: number, work: () => unknown): number {
  const times = Array.from({ length: calls }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  return Math.min(...times)
}

/** How many times more four times the text costs: 4 where work grows with the length, 16 with its square. */
function growth(calls: number, read: (text: string) => unknown, lead: string, piece: string): number {
  const text = (length: number): string => `${lead}${piece.repeat(length / piece.length)}x`
  const [long, short] = [text(4 * SHORT), text(SHORT)]
  // Below 8 ms the clock is what is measured.
  return (
    cost(calls, () => read(long)) /
    Math.max(
      0.008,
      cost(calls, () => read(short)),
    )
  )
}

test.each(Object.entries(READERS))('%s takes time in proportion to the text', (_, read) => {
  for (const lead of LEADS) {
    for (const piece of PIECES) {
      const found = growth(1, read, lead, piece)
      const sure = found < 8 ? found : growth(5, read, lead, piece)
      expect(sure, JSON.stringify({ lead, piece })).toBeLessThan(8)
    }
  }
})

test('so does a table of what no Latin letter is', () => {
  const found = growth(2, (text) => formatTable([{ title: 'a' }], [[text]]), '', '数')
  expect(found).toBeLessThan(8)
})
