import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { purchases, readJournalFile } from '../support/records.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const { dir, remove } = tinyProject()
const manifest = (run: string) => JSON.parse(readFileSync(join(dir, 'runs', run, 'run.json'), 'utf8'))

beforeAll(async () => {
  ensureBuilt()
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train')
  expect((await ddaHere(dir, 'eval', '--name', 'first')).exitCode).toBe(0)
})
afterAll(remove)

test('stored plans go through another Editor, Thinker by Thinker, and no Thinker is asked', async () => {
  const { exitCode, data } = await ddaHere(dir, 'reedit', 'first', '--set', 'editor.swap=true')
  expect(exitCode).toBe(0)
  expect(data).toMatchObject({ source: 'first', state: 'finished' })
  expect(Object.keys(data.thinkers)).toEqual(['none', 'base', 'trained'])
  expect(data.comparisons.trained.solved).toMatchObject({ count: 9, better: 0, worse: 3, value: -1 / 3 })
  expect(data.comparisons.base.solved.value).toBe(0)
  // The plans said red; the pictures are green.
  expect(data.thinkers.trained.failures).toMatchObject({ planWrong: 0, imageWrong: 3 })
  const [before, after] = [readJournalFile(dir, 'first').rollouts, readJournalFile(dir, data.run).rollouts]
  expect(after.map(({ id, plan }) => [id, plan?.text])).toEqual(before.map(({ id, plan }) => [id, plan?.text]))
  expect(new Set(after.map(({ edit }) => edit?.editor))).toEqual(new Set(['tiny-editor swap=true']))
  expect(manifest(data.run)).toMatchObject({ task: 'evaluate', options: { plansOf: 'first' } })
  const timed = (await ddaHere(dir, 'plugins', '--run', data.run)).data.timings.map(
    ({ call }: { call: string }) => call,
  )
  expect(timed).toContain('editor.edit')
  expect(timed.filter((call: string) => call.startsWith('trainer'))).toEqual([])

  // The record is one that other commands read, and the same command again makes nothing.
  const compared = await ddaHere(dir, 'compare', 'first/trained', `${data.run}/trained`)
  expect(compared.data.comparison).toEqual(data.comparisons.trained)
  expect((await ddaHere(dir, 'report', data.run)).data.heldOut.trained.solved).toBeCloseTo(2 / 3, 9)
  const bought = purchases(dir)
  expect((await ddaHere(dir, 'reedit', 'first', '--set', 'editor.swap=true')).data).toEqual(data)
  expect(purchases(dir)).toEqual(bought)
  expect(bought.boughtTwice).toEqual([])
})

test('stored pictures are judged by another checklist without any edit, though the Editor now fails', async () => {
  const samples = readFileSync(join(dir, 'data/samples.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const held = samples.filter(({ split }) => split === 'held-out')
  // All but one sample; nothing but the colour is asked.
  const lines = held.slice(1).map(({ id, subtask }) => {
    const item = { id: 'only', scope: 'visual', question: `Is the picture ${subtask}?`, expected: 'yes' }
    return JSON.stringify({ id, checklist: [item] })
  })
  writeFileSync(join(dir, 'other.jsonl'), `${lines.join('\n')}\n`)
  const args = ['rejudge', 'first/trained', '--checklist', 'other.jsonl', '--set', 'editor.failOn=paint'] as const
  const { exitCode, data } = await ddaHere(dir, ...args)
  expect(exitCode).toBe(0)
  expect(data.thinkers.trained).toMatchObject({ samples: 8, scored: 8, masked: 0, solved: 1 })
  expect(data.comparisons.trained).toMatchObject({ pairs: 8, unpaired: 1, solved: { value: 0 } })
  const [before, after] = [readJournalFile(dir, 'first').rollouts, readJournalFile(dir, data.run).rollouts]
  const edits = new Map(before.map(({ id, edit }) => [id, edit]))
  for (const { id, edit, verdicts } of after) {
    expect(edit).toEqual(edits.get(id))
    expect(verdicts.map(({ itemId }) => itemId)).toEqual(['only'])
  }
  expect(manifest(data.run)).toMatchObject({
    options: { editsOf: 'first/trained' },
    fingerprints: { editor: 'tiny-editor swap=false' },
  })
  expect(existsSync(join(dir, 'runs', data.run, 'checklists.jsonl'))).toBe(true)
  // By its own checklist everywhere.
  const compared = await ddaHere(dir, 'compare', 'first/trained', `${data.run}/trained`)
  expect(compared.data.comparison).toEqual(data.comparisons.trained)
  expect((await ddaHere(dir, 'report', data.run)).data.heldOut.trained.solved).toBe(1)
})

test('another judge says otherwise about the same pictures', async () => {
  const { data } = await ddaHere(dir, 'rejudge', 'first', '--judge', './harsh.mjs', '--name', 'harsh')
  expect(data.run).toBe('harsh')
  expect(data.thinkers.trained).toMatchObject({ scored: 9, solved: 0, failures: { planWrong: 9 } })
  expect(data.comparisons.trained.solved).toMatchObject({ value: -1, worse: 9 })
  expect(manifest('harsh').fingerprints.judge).toEqual(['harsh-judge'])
})

test('what was masked for want of an edit stays masked, counted, and is never a number', async () => {
  const masked = await ddaHere(dir, 'eval', '--thinker', 'base', '--name', 'broken', '--set', 'editor.failOn=grey')
  expect(masked.exitCode).toBe(5)
  expect(masked.data.thinkers.base).toMatchObject({ coverage: 0, failures: { failed: { edit: 9 } } })
  const again = await ddaHere(dir, 'rejudge', 'broken')
  expect(again.exitCode).toBe(5)
  expect(again.data.thinkers.base).toMatchObject({ scored: 0, masked: 9, maskedByKind: { unavailable: 9 } })
  expect(readJournalFile(dir, again.data.run).rollouts[0]?.outcome).toMatchObject({
    failure: { code: 'DDA_EDIT_NOT_RECORDED' },
  })
})

test.each([
  ['{"id": "held-out-0"}', 'DDA_CHECKLIST_INVALID', 2],
  [
    '{"id": "nobody", "checklist": [{"id": "a", "scope": "visual", "question": "?", "expected": "yes"}]}',
    'DDA_CHECKLIST_UNMATCHED',
    2,
  ],
  ['', 'DDA_USAGE_CHECKLIST', 2],
])('the checklist file %j is refused with %s', async (text, code, exitCode) => {
  writeFileSync(join(dir, 'bad.jsonl'), text === '' ? '' : `${text}\n`)
  const refused = await ddaHere(dir, 'rejudge', 'first', '--checklist', 'bad.jsonl')
  expect(refused).toMatchObject({ exitCode, error: { code, next: expect.any(String) } })
})

test('what is no evaluation, or no Thinker of it, is refused before anything is done', async () => {
  expect(await ddaHere(dir, 'reedit', 'nothing')).toMatchObject({ exitCode: 2, error: { code: 'DDA_RUN_MISSING' } })
  expect(await ddaHere(dir, 'rejudge', 'first/nobody')).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_USAGE_RECORD' },
  })
})
