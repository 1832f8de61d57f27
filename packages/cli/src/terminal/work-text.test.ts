import { expect, test } from 'vitest'
import { callsText, paceText } from './work-text.ts'

const calls = [
  { plugin: 'judge-vlm', call: 'judge', running: 8, waiting: 3, oldest: 2.5 },
  { plugin: 'editor-openai', call: 'edit', running: 4, waiting: 20, oldest: 12 },
  { plugin: 'trainer-torch', call: 'update', running: 1, waiting: 0, oldest: 65 },
  { plugin: 'tracker', call: 'tap judge', running: 1, waiting: 0, oldest: 0.01 },
  { plugin: 'judge-onnx', call: 'judge', running: 0, waiting: 2, oldest: 0 },
]

test('who is at work and how many wait for whom, in the order of the stages', () => {
  expect(callsText({ calls })).toBe(
    'edit: editor-openai 4 at work (oldest 0:12), 20 wait · judge: judge-vlm 8 at work, 3 wait · judge: judge-onnx 2 wait · update: trainer-torch 1 at work (1:05)',
  )
  expect(callsText({ calls: [] })).toBe('')
})

test('pace and cost, each where it is known', () => {
  expect(paceText(0.5, 'rollouts', {})).toBe('0.50 rollouts/s')
  expect(paceText(1234.5, 'rollouts', { money: 0.0123 })).toBe('1235 rollouts/s, 0.0123 spent')
  expect(paceText(undefined, 'samples', { money: 12.3456 })).toBe('12.35 spent')
})
