// A process that has a busy worker with a child of its own, and tells their numbers; for orphan.test.ts.
import { PythonWorker } from './index.ts'

const [python = '', script = ''] = process.argv.slice(-2)
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined }
const worker = new PythonWorker({ name: 'orphan', python, args: [script], log, closeGraceSeconds: 1 })
const { data: child } = await worker.request('child', null)
await worker.request('hang', null, {
  onEvent: () => process.stdout.write(`${JSON.stringify([worker.hello?.pid, child])}\n`),
})
