import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { gitState } from './git-state.ts'

test('names the commit and whether tracked files differ from it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-git-'))
  expect(await gitState(folder)).toBeUndefined()
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder })
  await git('init', '-q')
  expect(await gitState(folder)).toBeUndefined()
  await writeFile(join(folder, 'a'), '1')
  await git('add', 'a')
  await git('commit', '-qm', 'one')
  const { stdout } = await git('rev-parse', 'HEAD')
  expect(await gitState(folder)).toEqual({ commit: stdout, dirty: false })
  await writeFile(join(folder, 'a'), '2')
  expect(await gitState(folder)).toEqual({ commit: stdout, dirty: true })
})

test('is absent where there is no such folder', async () => {
  expect(await gitState(join(tmpdir(), 'dda-no-such-folder'))).toBeUndefined()
})
