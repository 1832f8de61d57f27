import { type Edit, editProblem, type EditResult, type ImageRef, isImageRef, type Plan } from '@dda-thinker/plugin-api'
import { withDeadline } from '../context/abort-scope.ts'
import type { EngineContext, RolloutRequest } from '../context/engine-context.ts'
import { interrupted } from '../context/failure.ts'
import { editorSeed } from '../context/editor-seed.ts'
import { ResultCache } from '@dda-thinker/store'
import { errors } from '../errors.ts'

/** What is kept of an edit: everything but what follows from the key. */
type KeptEdit = Pick<Edit, 'image' | 'cost' | 'notes'>

/**
 * edit: hands source images and the executable plan, and nothing else of the plan, to the Editor; stores the picture; runs
 * the hook. An identical request is executed once in the life of the project's cache.
 */
export async function editStage(context: EngineContext, request: RolloutRequest, plan: Plan): Promise<Edit> {
  const { editor, cache, stats, edits } = context
  const { sample } = request
  // It has passed the hook already.
  if (edits !== undefined) return edits.get(request.id) ?? notRecorded(request)
  checkRequest(context, request)
  const seed = editorSeed(context.seed, sample.id)
  const sources = sample.images.map((image) => image.hash)
  const key = ResultCache.key(['edit', 1, editor.fingerprint, sources, plan.executable, seed])
  const { value, source } = await cache.resolve<KeptEdit>(
    key,
    () => context.recordQueue.add(() => execute(context, request, plan, seed)),
    async (kept: KeptEdit | null) => isImageRef(kept?.image) && context.images.has(kept.image),
  )
  if (source === 'made') {
    stats.edits.made += 1
    // A killed process loses nothing by now. A picture that cannot be made again bit by bit survives a power cut too before
    // its edit counts; if one comes earlier, its hash tells, and it is bought again.
    if (editor.supports.determinism !== 'bitwise') await context.images.sync([value.image])
  } else stats.edits.reused += 1
  const { image, ...said } = value
  const edit: Edit = { image, ...said, seed, editor: editor.fingerprint }
  return context.assembly.call('edit', edit, { step: request.step, sample, rolloutId: request.id })
}

function notRecorded(request: RolloutRequest): never {
  throw errors.make(
    'DDA_EDIT_NOT_RECORDED',
    { sample: request.sample.id },
    { kind: 'unavailable', stage: 'edit', sampleId: request.sample.id },
  )
}

/** What the Editor declares it cannot do is refused here, before anything is bought. Plans that are too long never come here. */
function checkRequest(context: EngineContext, request: RolloutRequest): void {
  const { minImages = 1, maxImages } = context.editor.supports
  const count = request.sample.images.length
  const details = {
    kind: 'bad-input',
    plugin: context.editorPlugin,
    stage: 'edit',
    sampleId: request.sample.id,
  } as const
  if (count < minImages) throw errors.make('DDA_TOO_FEW_IMAGES', { count, least: minImages }, details)
  if (count > maxImages) throw errors.make('DDA_TOO_MANY_IMAGES', { count, most: maxImages }, details)
}

/** The Editor's place in the queue is free again as soon as its picture is here: it must not wait long for our disk. */
async function execute(context: EngineContext, request: RolloutRequest, plan: Plan, seed: number): Promise<KeptEdit> {
  const { editor, editorPlugin, editQueue, scope } = context
  const { sample } = request
  const result = await editQueue.add(async () => {
    if (context.stopping()) throw interrupted()
    const release = context.ledger.reserve('edit')
    const deadline = {
      seconds: context.assembly.config.engine.deadline.edit,
      code: 'DDA_DEADLINE_EDIT',
      what: `The edit by ${editorPlugin}`,
      stage: 'edit',
    } as const
    try {
      const made = await withDeadline(scope, deadline, (limits) =>
        editor.edit({ images: sample.images, plan: plan.executable, seed }, limits),
      )
      return { made, recorded: context.ledger.result('edit', editorPlugin, made?.cost) }
    } finally {
      release()
    }
  })
  // Before the result is kept: what a killed process paid for is on the books, even where it has to be bought again.
  await result.recorded
  const { made } = result
  return {
    image: await store(context, request, made),
    ...(made.cost === undefined ? {} : { cost: made.cost }),
    ...(made.notes === undefined ? {} : { notes: made.notes }),
  }
}

async function store(context: EngineContext, request: RolloutRequest, result: EditResult): Promise<ImageRef> {
  const problem = editProblem(result)
  if (problem !== undefined) {
    const plugin = context.editorPlugin
    const details = { kind: 'bad-output', plugin, stage: 'edit', sampleId: request.sample.id } as const
    throw errors.make('DDA_EDITOR_BAD_OUTPUT', { plugin, problem }, details)
  }
  // Not synced yet: what a kill may cost is the time until the edit is on the record, and disks are slow.
  return context.images.put(result.bytes)
}
