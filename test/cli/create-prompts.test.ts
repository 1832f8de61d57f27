import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ensureBuilt, root, temporaryFolder } from '../support/dda.ts'
import { CTRL_C, DOWN, ENTER, hasTerminal, onTerminal } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

const create = [process.execPath, join(root, 'packages/create-dda-thinker/bin/create-dda-thinker.js')]

let place = ''
beforeAll(() => ensureBuilt('every'))
beforeEach(() => void (place = temporaryFolder()))
afterEach(() => rmSync(place, { recursive: true, force: true }))

describe.skipIf(!hasTerminal)('npm create dda-thinker on a terminal (python3 with pty)', () => {
  test('asks for everything, and makes what was answered', async () => {
    const { status, screen, untyped } = await onTerminal(place, create, [
      ['What shall it be', DOWN + DOWN + DOWN + ENTER],
      ['In which folder', `mine${ENTER}`],
      ['Its name', `Short Plans${ENTER}`],
      ['Where do the packages come from', ENTER],
      ['Run npm install', `n`],
    ])
    expect({ status, untyped }, screen).toEqual({ status: 0, untyped: 0 })
    expect(JSON.parse(readFileSync(join(place, 'mine/package.json'), 'utf8'))).toMatchObject({
      name: 'short-plans',
      keywords: ['dda-thinker-plugin'],
    })
    expect(screen).toContain('cd mine')
    expect(screen).toContain('npm install')
  })

  test('what a flag says is not asked', async () => {
    const { status, screen } = await onTerminal(
      place,
      [...create, 'mine', '--template', 'lab', '--from', 'http://npm.lab/', '--no-install'],
      [['Its name', ENTER]],
    )
    expect(status, screen).toBe(0)
    for (const question of ['What shall it be', 'In which folder', 'Where do', 'Run npm'])
      expect(screen).not.toContain(question)
    expect(readFileSync(join(place, 'mine/dda.config.yaml'), 'utf8')).toContain('name: "mine"')
  })

  test.each([
    ['first', [['What shall it be', CTRL_C]]],
    [
      'third',
      [
        ['What shall it be', ENTER],
        ['In which folder', ENTER],
        ['Its name', CTRL_C],
      ],
    ],
  ] as const)('Ctrl-C at the %s question writes nothing, says so and ends with 1', async (_, steps) => {
    const { status, screen, untyped } = await onTerminal(place, create, steps)
    expect({ status, untyped }, screen).toEqual({ status: 1, untyped: 0 })
    expect(screen).toContain('nothing was written')
    expect(readdirSync(place)).toEqual([])
  })

  test('a folder that is not empty, and tarballs that are nowhere, are told and asked for again', async () => {
    mkdirSync(join(place, 'full'))
    writeFileSync(join(place, 'full/notes.txt'), 'mine')
    const { status, screen, untyped } = await onTerminal(place, create, [
      ['What shall it be', ENTER],
      ['In which folder', `full${ENTER}`],
      ['is not empty[\\s\\S]*In which folder', `empty${ENTER}`],
      ['Its name', ENTER],
      ['Where do the packages come from', `/nowhere/at/all${ENTER}`],
      ['npm run pack[\\s\\S]*Where do the packages come from', ENTER],
      ['Run npm install', 'n'],
    ])
    expect({ status, untyped }, screen).toEqual({ status: 0, untyped: 0 })
    expect(readdirSync(join(place, 'full'))).toEqual(['notes.txt'])
    expect(existsSync(join(place, 'empty/dda.config.yaml'))).toBe(true)
  })

  test('a folder that is named beforehand and not empty is refused before anything is asked', async () => {
    writeFileSync(join(place, 'notes.txt'), 'mine')
    const { status, screen } = await onTerminal(place, [...create, '.'], [])
    expect(status, screen).toBe(2)
    expect(screen).toContain('is not empty')
    expect(screen).not.toContain('What shall it be')
  })
})
