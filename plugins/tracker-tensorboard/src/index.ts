import { basename, join } from 'node:path'
import { API_VERSION, definePlugin, Type, type DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { EventFile } from './event-file.ts'
import { StepTally } from './step-tally.ts'

export default definePlugin({
  name: 'tracker-tensorboard',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      dir: Type.Optional(
        Type.String({
          minLength: 1,
          description:
            "Folder in which each run gets a folder of its name; without it, `tensorboard` in the run's own directory.",
        }),
      ),
    },
    { additionalProperties: false },
  ),
  setup(api, { dir }) {
    const { runDir } = api
    if (runDir === undefined) return
    const folder = join(dir === undefined ? join(runDir, 'tensorboard') : api.resolvePath(dir), basename(runDir))
    const file = new EventFile(folder)
    const tally = new StepTally()
    let failure: DdaError | undefined
    // After all others: what is written is what is recorded.
    const last = { order: 'post' } as const
    api.tap('judge', (rollout, { step, sample }) => tally.add(step, rollout, sample), last)
    api.tap(
      'update',
      async ({ step, policyVersion, metrics }) => {
        const trained = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`train/${name}`, value]))
        const scalars = { ...tally.take(step), 'train/policyVersion': policyVersion, ...trained }
        // A tracker must not end a training: the first failure is told at the end, and nothing is written after it.
        if (failure === undefined)
          await file.append(step, scalars).catch((cause: unknown) => {
            failure = errors.make('DDA_TENSORBOARD_WRITE', { step, path: folder }, { cause })
          })
      },
      last,
    )
    api.onDispose(async () => {
      await file.close()
      if (failure !== undefined) throw failure
    })
  },
})
