import { expect, test } from 'vitest'
import { makeColors } from './colors.ts'
import { ESCAPE } from './shown-text.ts'
import { clock, Progress } from './progress.ts'
import { widthOf } from './text-width.ts'

function screen(interactive: boolean, columns = 80, silent = false) {
  const written: string[] = []
  let time = 0
  const progress = new Progress({
    stream: { write: (text: string) => written.push(text), columns },
    interactive,
    silent,
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

const standing = (busy: boolean) => () => ({
  lines: busy ? ['1.2 rollouts/s', 'edit: x 4 at work, 20 wait'] : [],
  busy,
})

test('what stands below the bar is read anew at each look', () => {
  const { progress, pass, visible } = screen(true)
  progress.watch(standing(true))
  progress.start('Training', 'steps', 10)
  pass(1000)
  progress.look()
  expect(visible().slice(1)).toEqual(['  1.2 rollouts/s', '  edit: x 4 at work, 20 wait'])
  progress.watch(standing(false))
  pass(1000)
  progress.look()
  expect(visible()).toHaveLength(1)
})

test('off a terminal a look tells what hangs, and nothing where nobody waits', () => {
  const { progress, pass, visible } = screen(false)
  progress.watch(standing(false))
  progress.start('Serving', 'requests', 0)
  for (let i = 0; i < 20; i++) {
    pass(1000)
    progress.look()
  }
  expect(visible()).toEqual([])
  progress.watch(standing(true))
  for (let i = 0; i < 12; i++) {
    pass(1000)
    progress.look()
  }
  expect(visible()).toEqual(
    ['0:21', '0:26', '0:31'].map((time) => `Serving: 0 requests; 1.2 rollouts/s; edit: x 4 at work, 20 wait; ${time}`),
  )
})

test('where progress is not wanted there is none, and lines come through', () => {
  for (const interactive of [true, false]) {
    const { progress, pass, visible } = screen(interactive, 80, true)
    progress.watch(standing(true))
    progress.start('Training', 'steps', 10)
    pass(60_000)
    progress.update(3, 'reward 0.5')
    progress.look()
    progress.line('Saved.')
    expect(visible()).toEqual(['Saved.'])
  }
})

test('no line of the block is wider than the terminal, whatever it says', () => {
  const { progress, pass, visible } = screen(true, 44)
  progress.watch(() => ({ lines: ['把红苹果移到盘子右边'.repeat(9)], busy: true }))
  progress.start('Training', 'steps', 10_000)
  pass(100_000)
  progress.update(2500.5, '🍎'.repeat(40))
  expect(visible().map((line) => widthOf(line) <= 43)).toEqual([true, true, true])
  expect(visible()[0]).toBe('Training  2500/10000 steps  1:40, about 5:…')
})

test('a step that is half done is half a step for the bar and the estimate', () => {
  const { progress, pass, visible } = screen(false)
  progress.start('Training', 'steps', 2)
  pass(10_000)
  progress.update(0.5)
  expect(visible()).toEqual(['Training: 0/2 steps; 0:10, about 0:30 left'])
})
