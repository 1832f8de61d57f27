import { expect, test } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { main } from './main.ts'

async function help(): Promise<string> {
  let printed = ''
  await main(['--help'], { stdout: (text) => void (printed += text), stderr: process.stderr })
  return printed
}

const LISTED = /^ {2}(?<name>[a-z-]+)(?: [[<]\S+)*(?: {2,}(?<about>\S.*))?$/

test('every command and every group of commands is listed with what it is about', async () => {
  const lines = (await help()).split('\n').flatMap((line) => {
    const { name, about } = LISTED.exec(line)?.groups ?? {}
    return name === undefined ? [] : [{ name, about }]
  })
  const names = new Set(COMMANDS.map(({ name }) => name.split(' ')[0]))
  expect(lines.map(({ name }) => name)).toEqual([...names])
  for (const { name, about } of lines) {
    expect(about, name).toMatch(/\w+ \w+/)
    expect(about?.toLowerCase(), name).not.toBe(name)
  }
})
