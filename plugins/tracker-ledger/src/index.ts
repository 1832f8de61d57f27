import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'
import { Ledger } from './ledger.ts'
import { writeLedger } from './write-ledger.ts'

export { Ledger, type LedgerReport } from './ledger.ts'

export default definePlugin({
  name: 'tracker-ledger',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      file: Type.String({
        minLength: 1,
        default: 'ledger.json',
        description: 'Name of the file in the run directory.',
      }),
    },
    { additionalProperties: false },
  ),
  setup(api, { file }) {
    const ledger = new Ledger()
    // After all others: what is counted is what is recorded.
    const last = { order: 'post' } as const
    api.tap('synthesize', (sample) => ledger.synthesized(sample), last)
    api.tap('curate', (decision) => ledger.curated(decision), last)
    api.tap('plan', (plan, { sample }) => ledger.planned(plan, sample), last)
    api.tap('edit', (edit) => ledger.edited(edit), last)
    api.tap('judge', (rollout, { sample }) => ledger.judged(rollout, sample), last)
    api.tap('update', (report) => ledger.updated(report), last)
    api.onDispose(async () => {
      if (api.runDir !== undefined && !ledger.isEmpty) await writeLedger(api.runDir, file, ledger.report())
    })
  },
})
