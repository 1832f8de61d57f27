import { DdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { makeColors } from './colors.ts'
import { exitCodeOf } from './exit-codes.ts'
import { formatError, reportError } from './print-error.ts'

const colors = makeColors(false)

test('code, message, place, who and next step, in this order', () => {
  const error = new DdaError('DDA_EDITOR_TIMEOUT', 'No edit within 30 s.', {
    next: 'Raise engine.deadline.edit.',
    plugin: 'editor-openai',
    hook: 'edit',
    stage: 'edit',
    sampleId: 's1',
    location: 'dda.config.yaml:3:1',
  })
  expect(formatError(reportError(error, false), colors)).toBe(
    [
      '✖ DDA_EDITOR_TIMEOUT  No edit within 30 s.',
      '  at:     dda.config.yaml:3:1',
      '  plugin: editor-openai',
      '  hook:   edit',
      '  stage:  edit',
      '  sample: s1',
      '  next:   Raise engine.deadline.edit.',
      '',
    ].join('\n'),
  )
})

test('a stack, with all causes, only where asked for', () => {
  const error = new DdaError('DDA_PLUGIN_FAILED', 'Plugin p failed', { cause: new TypeError('the root') })
  expect(reportError(error, false)).not.toHaveProperty('stack')
  expect(reportError(error, true).stack).toMatch(
    /DDA_PLUGIN_FAILED|Plugin p failed[\s\S]*Caused by: TypeError: the root/,
  )
})

test('an unexpected error is called a bug, with its message', () => {
  const report = reportError(new RangeError('out of range'), false)
  expect(report).toMatchObject({ code: 'DDA_UNEXPECTED', message: 'out of range' })
  expect(report.next).toContain('--debug')
  expect(reportError('just text', false).message).toBe('just text')
})

test('absent facts leave no line and no field', () => {
  const report = reportError(new DdaError('DDA_X', 'm'), false)
  expect(Object.keys(report)).toEqual(['code', 'message'])
  expect(formatError(report, colors)).toBe('✖ DDA_X  m\n')
})

test.each([
  ['DDA_USAGE', 2],
  ['DDA_CONFIG_INVALID', 2],
  ['DDA_PLUGIN_NOT_FOUND', 2],
  ['DDA_PLUGIN_FAILED', 3],
  ['DDA_SLOT_EMPTY', 2],
  ['DDA_DATA_MISSING', 2],
  ['DDA_DATA_CORRUPT', 3],
  ['DDA_DISK_FULL', 3],
  ['DDA_CHECKPOINT_CORRUPT', 3],
  ['DDA_STEP_ALL_MASKED', 5],
  ['DDA_INTERRUPTED', 130],
  ['DDA_UNEXPECTED', 3],
])('%s ends a command with status %i', (code, status) => {
  expect(exitCodeOf(code)).toBe(status)
})
