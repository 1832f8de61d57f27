import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Plan, REWARD } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { project } from '../../../../test/support/testing.ts'
import { assemble } from './assemble.ts'
import { loadConfig } from '@dda-thinker/config'

const handbook = fileURLToPath(new URL('../../../../docs/plugins.md', import.meta.url))

/** Blocks of the handbook that say which file they are. */
function filesOf(markdown: string): Readonly<Record<string, string>> {
  const blocks = markdown.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)
  return Object.fromEntries([...blocks].map(([, name, text]) => [name ?? '', text ?? '']))
}

test("the handbook's plugins and config run as they stand", async () => {
  const files = filesOf(readFileSync(handbook, 'utf8'))
  expect(Object.keys(files)).toEqual(['brevity/index.ts', 'dda.config.yaml', 'count-words/index.ts'])
  const { config, origins, dir } = await loadConfig({ cwd: project(files), env: {} })
  const lines: string[] = []
  const log = { debug: () => {}, info: (line: string) => void lines.push(line), warn: () => {} }
  const run = await assemble(config, { cwd: dir, origins, log })
  const plan: Plan = {
    id: 'p',
    sampleId: 's',
    text: 'one two three',
    reasoning: '',
    executable: 'word '.repeat(40),
    format: { ok: true },
    thinker: 'test',
    policyVersion: 0,
    seed: 1,
  }
  await run.call('plan', plan, { step: 0, rolloutId: 'r', sample: { id: 's' } as never })
  expect(run.resolve(REWARD).decompose({ plan, checklist: [], verdicts: [] }).total).toBe(0.5)
  await run.dispose()
  expect(lines).toEqual(['[count-words] 3 words planned'])
})
