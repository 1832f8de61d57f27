import { expect, test } from 'vitest'
import { canaryNotes } from './canary-note.ts'
import type { ReportStep } from './report-input.ts'

function step(number: number, metrics: Readonly<Record<string, number>>): ReportStep {
  return { step: number, scored: 1, masked: 0, gated: 0, components: {}, solvedByCategory: {}, metrics }
}

test('counts are summed over the steps, by judge and kind; an alarm is dated', () => {
  const notes = canaryNotes([
    step(1, { 'canary/asked/judge-a/trap': 10, 'canary/passed/judge-a/trap': 1, 'canary/alarms': 0 }),
    step(2, {
      'canary/asked/judge-a/trap': 10,
      'canary/passed/judge-a/trap': 9,
      'canary/asked/judge-a/empty-plan': 20,
      'canary/passed/judge-a/empty-plan': 0,
      'canary/asked/@lab/eye/trap': 4,
      'canary/passed/@lab/eye/trap': 0,
      'canary/failed/@lab/eye/trap': 2,
      'canary/alarms': 1,
    }),
    step(3, { 'canary/alarms': 1 }),
  ])
  expect(notes).toHaveLength(3)
  expect(notes[0]).toMatch(
    /@lab\/eye answered yes to 0 of 4 questions whose right answer is no \(0\.0\s%\): trap 0 of 4/,
  )
  expect(notes[0]).toContain('; 2 canaries got no answer.')
  expect(notes[1]).toContain('judge-a answered yes to 10 of 40')
  expect(notes[1]).toMatch(/\(25\.0\s%\): empty-plan 0 of 20, trap 10 of 20\./)
  expect(notes[2]).toContain('Canary alarm in 2 of 3 steps, first in step 2')
})

test('without canaries there is nothing to say', () => {
  expect(canaryNotes([step(1, { 'policy/loss': 1 })])).toEqual([])
})
