import { expect, test } from 'vitest'
import { join } from 'node:path'
import { project } from '../../../../test/support/testing.ts'
import { installCommand } from './install-command.ts'

const manifest = (fields: object) => ({ 'package.json': JSON.stringify(fields) })

test('a project from tarballs takes a package from where its others came from', () => {
  const root = project(
    manifest({
      dependencies: { '@dda-thinker/cli': 'file:../t/cli.tgz' },
      overrides: { '@dda-thinker/testkit': 'file:../t/kit.tgz', '@dda-thinker/editor-sketch': 'file:../my tars/s.tgz' },
    }),
  )
  expect(installCommand(root, ['vitest', '@dda-thinker/testkit'], true)).toEqual({
    command: 'npm install --save-dev file:../t/kit.tgz vitest',
    folder: root,
    missing: ['@dda-thinker/testkit', 'vitest'],
  })
  expect(installCommand(join(root, 'sub'), ['@dda-thinker/editor-sketch'])).toMatchObject({
    command: 'npm install "file:../my tars/s.tgz"',
    folder: root,
  })
})

test('one from a registry takes it at the version of its others', () => {
  const root = project(manifest({ devDependencies: { '@dda-thinker/cli': '^0.1.0' } }))
  expect(installCommand(root, ['sharp', '@dda-thinker/editor-sketch']).command).toBe(
    'npm install "@dda-thinker/editor-sketch@^0.1.0" sharp',
  )
})

test('what is declared already is only put into place', () => {
  const root = project(manifest({ dependencies: { sharp: '^0.35.5' } }))
  expect(installCommand(root, ['sharp'])).toEqual({ command: 'npm install', folder: root, missing: [] })
})

test.each(['{', 'null'])('a manifest that holds %j stops nobody', (text) => {
  const root = project({ 'package.json': text })
  expect(installCommand(root, ['vitest'], true).command).toBe('npm install --save-dev vitest')
})
