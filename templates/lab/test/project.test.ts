import { fileURLToPath } from 'node:url'
import { projectSuite } from '@dda-thinker/testkit'
import { test, vi } from 'vitest'

vi.setConfig({ testTimeout: 900_000 })

// The configuration as it stands, on a few samples, in a temporary folder: what is in data/ and runs/ is not touched. Stand-ins
// answer in the place of your servers; `npm run doctor` asks these.
projectSuite({
  test,
  dir: fileURLToPath(new URL('..', import.meta.url)),
  set: ['synthesize.count={train: 0, held-out: 4}'],
  standIns: {
    editor: (url) => [`editor.endpoints=["${url}"]`],
    judge: (url) => [`judge[0].endpoint=${url}`, `judge[1].endpoint=${url}`],
    thinker: (url) => [`thinker.endpoint=${url}`],
  },
  commands: [['synthesize'], ['eval', '--thinker', 'none', '--thinker', 'thinker']],
})
