import { rm } from 'node:fs/promises'
import {
  completeList,
  type Editor,
  EDITOR,
  type EditorCapabilities,
  type EditRequest,
  type ImageRef,
  type ImageStore,
  temporaryFolder,
} from '@dda-thinker/plugin-api'
import { AbortScope, type Assembly, withDeadline } from '@dda-thinker/core'
import { loadSamples, projectPaths } from '@dda-thinker/runs'
import { ContentStore } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { describeFailure, type FailureFacts } from './failure-facts.ts'
import { pictureDifference } from './picture-difference.ts'

type Determinism = EditorCapabilities['determinism']

/** What the same edit, made twice, showed. */
export interface CanaryReport {
  readonly declared: Determinism
  /** Absent where an edit failed. */
  readonly found?: Determinism
  /** Mean absolute difference of a channel, of 255. */
  readonly difference?: number
  /** Of each edit. */
  readonly seconds: readonly number[]
  /** `width × height` in pixels of what was edited and of what came of it: judges may read one shape alone. Absent where an edit failed. */
  readonly pixels?: { readonly source: string; readonly edited: string }
  /** What was edited: `sample <id>` of the project's data, or `a picture of the doctor's own`. */
  readonly source: string
  /** Set where an edit failed, or where the Editor is less repeatable than it declares. */
  readonly error?: FailureFacts
}

/** From the weakest promise to the strongest. */
const RANK = completeList<Determinism>({ none: true, visual: true, bitwise: true })

/**
 * Opens the Editor, makes one edit twice with the same seed, one after the other, and compares the pictures. The project's
 * cache is not asked and its store is left alone. The edit is the instruction of the project's first sample, or, without
 * data, a plain request on a drawn picture.
 */
export async function canaryEdit(assembly: Assembly, root: string, signal: AbortSignal): Promise<CanaryReport> {
  const editor = assembly.resolve(EDITOR)
  const declared = editor.supports.determinism
  const seconds: number[] = []
  const folder = await temporaryFolder('dda-doctor')
  const scope = new AbortScope(signal)
  let source = 'nothing'
  try {
    const images = new ContentStore(folder)
    const canary = (await fromData(assembly, root, images, editor)) ?? (await drawn(assembly, images, editor))
    source = canary.source
    await assembly.open([EDITOR], { images, signal, log: assembly.log, seed: assembly.config.seed })
    const deadline = {
      seconds: assembly.config.engine.deadline.edit,
      code: 'DDA_DEADLINE_EDIT',
      what: `The canary edit by ${assembly.providerOf(editor)}`,
      stage: 'edit',
    } as const
    let edited: ImageRef | undefined
    const once = async (): Promise<Uint8Array> => {
      const begun = performance.now()
      const { bytes } = await withDeadline(scope, deadline, (limits) => editor.edit(canary.request, limits))
      seconds.push(Math.round(performance.now() - begun) / 1000)
      // Refuses what is no picture, as in a run.
      edited = await images.put(bytes)
      return bytes
    }
    const first = await once()
    // A server that answers the second one from a cache would be called more repeatable than it is.
    if (editor.forget !== undefined) {
      await withDeadline(scope, deadline, (limits) => editor.forget?.(limits) ?? Promise.resolve())
    }
    const second = await once()
    const { level: found, mean } = await pictureDifference(first, second)
    const [given] = canary.request.images
    const sizes = { ...(given && edited && { pixels: { source: shape(given), edited: shape(edited) } }) }
    const report = { declared, found, seconds, source, ...sizes, ...(mean === undefined ? {} : { difference: mean }) }
    return RANK.indexOf(found) >= RANK.indexOf(declared) ? report : { ...report, error: lessThanDeclared(report) }
  } catch (error) {
    signal.throwIfAborted()
    return { declared, seconds, source, error: describeFailure(error) }
  } finally {
    scope.dispose()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Canary {
  readonly source: string
  readonly request: EditRequest
}

async function fromData(
  assembly: Assembly,
  root: string,
  images: ImageStore,
  { supports }: Editor,
): Promise<Canary | undefined> {
  const { config } = assembly
  const paths = projectPaths(config, root)
  try {
    const [sample] = await loadSamples(paths, { limit: 1 })
    if (sample === undefined || sample.images.length > supports.maxImages) return undefined
    if (sample.images.length < (supports.minImages ?? 1)) return undefined
    const store = new ContentStore(paths.store)
    const copied = await Promise.all(sample.images.map(async (image) => images.put(await store.get(image))))
    const plan = sample.instruction.slice(0, supports.promptLimit)
    return { source: `sample ${sample.id}`, request: { images: copied, plan, seed: config.seed } }
  } catch {
    // No data, or none that can be read: other commands say so.
    return undefined
  }
}

/** A picture that any Editor of photographs takes, as often as it needs one: 512 × 512, a ball over a horizon. */
async function drawn(assembly: Assembly, images: ImageStore, { supports }: Editor): Promise<Canary> {
  const { default: sharp } = await import('sharp')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="512" height="300"
    fill="#a9cce3"/><rect y="300" width="512" height="212" fill="#7d9b61"/><circle cx="256" cy="290" r="90" fill="#c0392b"/></svg>`
  const image = await images.put(await sharp(Buffer.from(svg)).png().toBuffer())
  const request = {
    images: Array.from({ length: supports.minImages ?? 1 }, () => image),
    plan: 'Make the ball blue.',
    seed: assembly.config.seed,
  }
  return { source: 'a picture of the doctor’s own', request }
}

function shape({ width, height }: ImageRef): string {
  return `${width} × ${height}`
}

function lessThanDeclared({ declared, found = 'none' }: Pick<CanaryReport, 'declared' | 'found'>): FailureFacts {
  const what = found === 'none' ? 'different pictures' : 'pictures equal to the eye only'
  const error = errors.make('DDA_EDITOR_DETERMINISM', { what, declared, found })
  return describeFailure(error)
}
