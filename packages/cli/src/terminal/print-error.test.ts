import { DdaError, ERRORS_PAGE } from '@dda-thinker/plugin-api'
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
  ['usage', 2],
  ['failure', 3],
  ['budget', 4],
  ['partial', 5],
  ['interrupted', 130],
] as const)('an error whose table says %s ends a command with status %i', (exit, status) => {
  expect(exitCodeOf(new DdaError('DDA_X', 'm', { exit }))).toBe(status)
})

test('anything else ends a command as a failure', () => {
  expect(exitCodeOf(new DdaError('DDA_USAGE', 'its code alone says nothing'))).toBe(3)
  expect(exitCodeOf(new RangeError('out of range'))).toBe(3)
  const old = Object.assign(new DdaError('DDA_X', 'of an older copy of the contract'), { exit: undefined })
  expect(exitCodeOf(old)).toBe(3)
})

test('the page of a code is named last', () => {
  const page = 'https://example.test/errors.md#dda_x'
  const report = reportError(new DdaError('DDA_X', 'm', { next: 'Do it.', page }), false)
  expect(report.page).toBe(page)
  expect(formatError(report, colors)).toBe(`✖ DDA_X  m\n  next: Do it.\n  page: ${page}\n`)
  expect(reportError(new RangeError('out of range'), false).page).toBe(`${ERRORS_PAGE}#dda_unexpected`)
})
