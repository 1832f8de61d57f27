import { basename, join } from 'node:path'
import { API_VERSION, definePlugin, Type, type DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { EventPicture } from './event-record.ts'
import { EventFile } from './event-file.ts'
import { smallPicture } from './small-picture.ts'
import { type StepPicks, StepPictures } from './step-pictures.ts'

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
      picturesEvery: Type.Integer({
        minimum: 0,
        default: 10,
        description: 'Steps between two with pictures, beside the first; 0 writes none.',
      }),
    },
    { additionalProperties: false },
  ),
  setup(api, { dir, picturesEvery }) {
    const { runDir } = api
    if (runDir === undefined) return
    const folder = join(dir === undefined ? join(runDir, 'tensorboard') : api.resolvePath(dir), basename(runDir))
    const file = new EventFile(folder)
    const pictures = new StepPictures(picturesEvery)
    let failure: DdaError | undefined
    let drawing: Promise<void> | undefined
    // A tracker must not end a training: the first failure is told at the end, and nothing is written after it.
    const failed = (step: number) => (cause: unknown) =>
      void (failure ??= errors.make('DDA_TENSORBOARD_WRITE', { step, path: folder }, { cause }))
    const draw = async (step: number, picks: StepPicks) => {
      const found = await picturesOf(picks)
      if (Object.keys(found).length > 0) await file.append(step, { pictures: found })
    }
    // After all others: what is written is what is recorded.
    const last = { order: 'post' } as const
    api.tap('judge', (rollout, info) => pictures.see(rollout, info), last)
    api.tap(
      'update',
      async ({ step, policyVersion, metrics }) => {
        const picks = pictures.take(step)
        if (failure !== undefined) return
        await file.append(step, { scalars: { ...metrics, policyVersion } }).catch(failed(step))
        // The next step does not wait for pictures, and they do not pile up.
        if (picks === undefined || drawing !== undefined) return
        drawing = draw(step, picks)
          .catch(failed(step))
          .finally(() => (drawing = undefined))
      },
      last,
    )
    api.onDispose(async () => {
      await drawing
      await file.close()
      if (failure !== undefined) throw failure
    })
  },
})

/** By tag. */
async function picturesOf(picks: StepPicks): Promise<Readonly<Record<string, EventPicture>>> {
  const found: Record<string, EventPicture> = {}
  for (const [name, pick] of Object.entries(picks)) {
    for (const [what, ref] of [['source', pick.source] as const, ['edit', pick.edit] as const]) {
      const picture = ref === undefined ? undefined : await smallPicture(await pick.images.get(ref))
      if (picture !== undefined) found[`pictures/${name}/${what}`] = picture
    }
  }
  return found
}
