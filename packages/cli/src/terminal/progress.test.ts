import { expect, test } from 'vitest'
import { makeColors } from './colors.ts'
import { ESCAPE } from './shown-text.ts'
import { clock, Progress } from './progress.ts'

function screen(interactive: boolean) {
  const written: string[] = []
  let time = 0
  const progress = new Progress({
    stream: { write: (text: string) => written.push(text), columns: 80 },
    interactive,
    colors: makeColors(false),
    now: () => time,
  })
  return {
    progress,
    pass: (ms: number) => {
      time += ms
    },
    /** Lines that are visible in the end: a clear takes away the lines it moves over. */
    visible: () => {
      const lines: string[] = []
      for (const text of written) {
        const clear = /^\[(\d+)A\[0J$/.exec(text.replaceAll(ESCAPE, ''))
        if (clear !== null) lines.splice(lines.length - Number(clear[1]))
        else lines.push(...text.split('\n').slice(0, -1))
      }
      return lines
    },
  }
}

test('off a terminal there is a plain line every five seconds, and nothing before', () => {
  const { progress, pass, visible } = screen(false)
  progress.start('Training', 'steps', 10)
  pass(4000)
  progress.update(1, 'reward 0.5')
  expect(visible()).toEqual([])
  pass(2000)
  progress.update(3, 'reward 0.6')
  progress.update(4, 'reward 0.7')
  expect(visible()).toEqual(['Training: 3/10 steps; reward 0.6; 0:06, about 0:14 left'])
})

test('on a terminal one block is redrawn, and finishing leaves no trace', () => {
  const { progress, pass, visible } = screen(true)
  progress.start('Training', 'steps', 10)
  for (let step = 1; step <= 5; step++) {
    pass(1000)
    progress.update(step, `reward 0.${step}`)
  }
  expect(visible()).toEqual([
    `Training  ${'━'.repeat(12)}${'─'.repeat(12)}  5/10 steps  0:05, about 0:05 left`,
    '  reward 0.5',
  ])
  progress.line('Saved.')
  expect(visible()[0]).toBe('Saved.')
  expect(visible()).toHaveLength(3)
  progress.finish()
  expect(visible()).toEqual(['Saved.'])
})

test('a run that continues estimates from what this process has done', () => {
  const { progress, pass, visible } = screen(false)
  progress.start('Training', 'steps', 100, 90)
  pass(10_000)
  progress.update(95)
  expect(visible()).toEqual(['Training: 95/100 steps; 0:10, about 0:10 left'])
})

test('the block is redrawn at most ten times a second', () => {
  const { progress, pass, visible } = screen(true)
  progress.start('Training', 'steps', 10)
  pass(50)
  progress.update(9)
  expect(visible()[0]).toContain('0/10')
  pass(51)
  progress.update(10)
  expect(visible()[0]).toContain('10/10')
})

test('times are written as clocks', () => {
  expect([0.4, 42, 125, 3723].map(clock)).toEqual(['0:00', '0:42', '2:05', '1:02:03'])
})

test('the first few of many give no estimate', () => {
  const { progress, pass, visible } = screen(false)
  progress.start('Curating', 'samples', 1840)
  pass(29_000)
  progress.update(1)
  expect(visible()).toEqual(['Curating: 1/1840 samples; 0:29'])
  pass(6000)
  progress.update(920)
  expect(visible()[1]).toBe('Curating: 920/1840 samples; 0:35, about 0:35 left')
})
