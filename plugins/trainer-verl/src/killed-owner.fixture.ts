// A process that begins a job as `dda train` does, says so, and waits to be killed; for former-job.test.ts.
import { makeContext } from '@dda-thinker/testkit'
import { makeJob, options } from './run.fixture.ts'
import { VerlTrainer } from './verl-trainer.ts'

const [root = '', python = ''] = process.argv.slice(-2)
const trainer = new VerlTrainer(options({ python, pictures: false }), (path) => path)
await trainer.open(makeContext())
await trainer.start(makeJob(root), { signal: new AbortController().signal })
process.stdout.write('started\n')
setInterval(() => undefined, 1000)
