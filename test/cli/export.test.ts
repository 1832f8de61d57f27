import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isBroken, openRows } from '@dda-thinker/data-files'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'
import { type Folder, ownTinyTabletop } from '../support/tiny-tabletop.ts'

let project: Folder
beforeEach(async () => {
  project = await ownTinyTabletop()
})
afterEach(() => project.remove())

const here = (...args: readonly string[]) => ddaHere(project.dir, 'export', ...args)

async function rowsOf(file: string) {
  const rows: unknown[] = []
  for await (const row of openRows([file])) {
    if (isBroken(row)) throw new Error(`${file} is broken`)
    rows.push(row.value)
  }
  return rows
}

test.each([
  ['verl', ['agent-loop.yaml', 'held-out.parquet', 'overrides.txt', 'train.parquet']],
  ['trl', ['held-out.parquet', 'train.parquet', 'train.py']],
  ['openrlhf', ['arguments.txt', 'held-out.jsonl', 'pictures', 'train.jsonl']],
])('--to %s writes its files, train and held-out apart', async (to, names) => {
  const made = await here('out', '--to', to)
  expect(made).toMatchObject({ ok: true, exitCode: 0, data: { train: 24, heldOut: 8 } })
  expect(readdirSync(join(project.dir, 'out')).toSorted()).toEqual(names)
})

test('messages are those that were asked for, and a policy without eyes is shown no picture', async () => {
  writeFileSync(join(project.dir, 'system.txt'), 'Plan well.\n')
  const made = await here('out', '--to', 'trl', '--text-only', '--system', 'system.txt', '--user', 'Do: {instruction}')
  expect(made).toMatchObject({ ok: true })
  const [row] = (await rowsOf(join(project.dir, 'out/train.parquet'))) as {
    readonly prompt: readonly { readonly role: string; readonly content: string }[]
  }[]
  expect(row).not.toHaveProperty('images')
  expect(row?.prompt[0]).toEqual({ role: 'system', content: 'Plan well.' })
  expect(row?.prompt[1]?.content).toMatch(/^Do: /)
  // The streams of the project's reward, which the script asks for by name.
  expect(readFileSync(join(project.dir, 'out/train.py'), 'utf8')).toContain(
    'reward_functions(["cognitive", "visual", "format"])',
  )
})

test('what cannot be done is said, and nothing is written', async () => {
  expect(await here('out', '--to', 'nobody')).toMatchObject({ ok: false, exitCode: 2 })
  expect(await here('out', '--to', 'trl', '--system', 'gone.txt')).toMatchObject({
    ok: false,
    error: { code: 'DDA_USAGE_OPTION', location: join(project.dir, 'gone.txt') },
  })
  expect(await here('out', '--to', 'trl', '--user', 'no place')).toMatchObject({
    ok: false,
    error: { code: 'DDA_ENGINE_DATA_PROMPT' },
  })
  const files = existsSync(join(project.dir, 'out')) ? readdirSync(join(project.dir, 'out')) : []
  expect(files).toEqual([])
})
