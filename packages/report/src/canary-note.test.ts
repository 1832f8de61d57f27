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

test('agreement with people is told by judge, first and last, and dated where it dropped', () => {
  const check = (judge: string, raw: number, low: number, high: number) => ({
    [`canary/agreement/${judge}/raw`]: raw,
    [`canary/agreement/${judge}/raw-low`]: low,
    [`canary/agreement/${judge}/raw-high`]: high,
    [`canary/agreement/${judge}/answers`]: 50,
  })
  const notes = canaryNotes([
    step(1, {
      ...check('judge-b', 0.92, 0.81, 0.97),
      ...check('@lab/eye', 0.8, 0.67, 0.89),
      'canary/agreement-drops': 0,
    }),
    step(2, { 'canary/alarms': 0 }),
    step(51, { ...check('judge-b', 0.9, 0.79, 0.96), 'canary/agreement-drops': 0 }),
    step(101, { ...check('judge-b', 0.62, 0.48, 0.74), 'canary/agreement-drops': 2 }),
    // Of few answers there is no rate.
    step(151, { 'canary/agreement/judge-b/answers': 3, 'canary/agreement-drops': 0 }),
  ])
  expect(notes.map((note) => note.replaceAll('\u00A0', ' '))).toEqual([
    expect.stringMatching(/@lab\/eye agreed with them on 80 % \(67–89 %\) in step 1\.$/),
    expect.stringMatching(
      /judge-b agreed with them on 92 % \(81–97 %\) in step 1, and on 62 % \(48–74 %\) in step 101, the last of 3 checks\.$/,
    ),
    expect.stringMatching(/dropped in 1 of the checks, first in step 101:/),
  ])
})

test('without canaries there is nothing to say', () => {
  expect(canaryNotes([step(1, { 'policy/loss': 1 })])).toEqual([])
})
