import type { Sample } from '@dda-thinker/plugin-api'
import { afterEach, expect, test, vi } from 'vitest'
import { makeColors } from './colors.ts'
import { showProgress } from './events.ts'
import type { Context } from './output.ts'
import { Progress } from './progress.ts'

afterEach(() => vi.useRealTimers())

/** What a log file shows of an operation, line by line. */
function log() {
  vi.useFakeTimers()
  const lines: string[] = []
  const progress = new Progress({
    stream: { write: (text: string) => lines.push(text.trimEnd()) },
    interactive: false,
    colors: makeColors(false),
  })
  const context = { warn: (text: string) => lines.push(text) } as unknown as Context
  return { events: showProgress(context, progress), progress, last: () => lines.at(-1) }
}

const sample = { id: 'a', split: 'train' } as Sample

test('samples are told a second, also when none was made for longer than the rate looks back', () => {
  const { events, progress, last } = log()
  events.onStart?.({ task: 'synthesize', total: 20, done: 0 })
  vi.advanceTimersByTime(70_000)
  events.onSample?.({ sample, done: 1, total: 20 })
  expect(last()).toBe('Synthesising: 1/20 samples; 0.02 samples/s; 1:10, about 22:10 left')
  progress.finish()
})
