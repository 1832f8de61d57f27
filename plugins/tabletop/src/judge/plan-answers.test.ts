import { parsePlan } from '@dda-thinker/tabletop-world'
import { expect, test } from 'vitest'
import { answerAboutPlan } from './plan-answers.ts'
import { parsePlanQuestion } from './questions.ts'

function ask(question: string, plan: string): boolean {
  const read = parsePlanQuestion(question)
  if (read === undefined) throw new Error(`not a question: ${question}`)
  return answerAboutPlan(read, parsePlan(plan)).yes
}

test.each<readonly [question: string, plan: string, yes: boolean]>([
  ['Does the plan turn the banana rotten?', 'turn the banana rotten', true],
  ['Does the plan turn the banana rotten?', 'replace the banana with a rotten banana', true],
  ['Does the plan turn the banana rotten?', 'turn the banana frozen', false],
  ['Does the plan turn the banana rotten?', 'turn the apple rotten', false],
  ['Does the plan turn the banana rotten?', '', false],
  ['Does the plan turn the rusty saw ordinary?', 'turn the saw ordinary', true],
  ['Does the plan replace the egg with a chick?', 'replace the egg with a chick', true],
  ['Does the plan replace the egg with a chick?', 'replace the egg with a burnt chick', false],
  ['Does the plan swap the cup and the egg?', 'remove the key; swap the egg and the cup', true],
  ['Does the plan swap the cup and the egg?', 'swap the cup and the key', false],
  ['Does the plan move the cup to the far left?', 'move the cup to the back far left', true],
  ['Does the plan move the cup to the far left?', 'move the cup to the left', false],
  ['Does the plan add a cup at the middle?', 'add a cup at the front middle', true],
  ['Does the plan add a cup at the middle?', 'add a cup at the back middle', false],
  ['Does the plan leave the key alone?', 'swap the cup and the key', false],
  ['Does the plan leave the key alone?', 'swap the cup and the egg', true],
  ['Does the plan change only the cup and the egg?', 'swap the cup and the egg', true],
  ['Does the plan change only the cup and the egg?', 'remove the cup', false],
  ['Does the plan change only the cup?', 'remove the cup; remove the egg', false],
  ['Does the plan make exactly one edit?', 'remove the cup', true],
  ['Does the plan make exactly one edit?', 'remove the cup; think about it', false],
  ['Does the plan make exactly one edit?', '', false],
  ['Does the plan add or remove anything?', 'add a cup at the middle', true],
  ['Does the plan add or remove anything?', 'swap the cup and the egg', false],
  ['Does the plan leave the table as it is?', '', true],
  ['Does the plan leave the table as it is?', 'remove the cup', false],
])('%s | %s | %s', (question, plan, yes) => {
  expect(ask(question, plan)).toBe(yes)
})

test('says why, in the words of the plan', () => {
  const question = parsePlanQuestion('Does the plan turn the banana rotten?')
  if (question === undefined) throw new Error('not a question')
  expect(answerAboutPlan(question, parsePlan('turn the banana frozen')).reason).toBe(
    'The plan says instead: turn the banana frozen.',
  )
})
