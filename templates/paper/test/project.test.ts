import { fileURLToPath } from 'node:url'
import { projectSuite } from '@dda-thinker/testkit'
import { test, vi } from 'vitest'

vi.setConfig({ testTimeout: 900_000 })

// All but the policy, whose weights and GPU are not asked for here: samples, what a training would take, and the evaluation without
// a plan, with stand-ins in the place of your servers. In a temporary folder: what is in data/ and runs/ is not touched.
projectSuite({
  test,
  dir: fileURLToPath(new URL('..', import.meta.url)),
  set: ['synthesize.count={train: 8, held-out: 4}'],
  standIns: {
    editor: (url) => [`editor.endpoints=["${url}"]`],
    judge: (url) => [`judge[0].endpoint=${url}`, `judge[1].endpoint=${url}`],
  },
  commands: [['synthesize'], ['plan-budget'], ['eval', '--thinker', 'none']],
})
