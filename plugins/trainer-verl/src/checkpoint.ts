import { access, cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errors } from './errors.ts'

/** Where a checkpoint of verl lies: it is shared among many machines, and stays there. */
export interface VerlCheckpoint {
  /** `global_step_N`. */
  readonly path: string
  readonly step: number
  readonly policyVersion: number
}

const POINTER = 'verl.json'
/** Within `global_step_N`, as transformers reads the policy. */
const MODEL = join('actor', 'huggingface')
/** Of verl: the last step whose checkpoint is whole. */
const LATEST = 'latest_checkpointed_iteration.txt'

export function modelOf({ path }: VerlCheckpoint): string {
  return join(path, MODEL)
}

/** Has verl written the checkpoint of a step, whole? */
export async function isWritten(checkpoints: string, step: number): Promise<boolean> {
  const said = await readFile(join(checkpoints, LATEST), 'utf8').catch(() => '')
  return Number(said.trim() || -1) >= step && (await isThere(join(checkpoints, `global_step_${step}`, 'actor')))
}

export async function writePointer(folder: string, checkpoint: VerlCheckpoint): Promise<void> {
  await writeFile(join(folder, POINTER), `${JSON.stringify(checkpoint)}\n`)
}

/** @throws DdaError `DDA_CHECKPOINT_CORRUPT` */
export async function readPointer(folder: string): Promise<VerlCheckpoint> {
  try {
    const found = JSON.parse(await readFile(join(folder, POINTER), 'utf8')) as Partial<VerlCheckpoint>
    const { path, step, policyVersion } = found
    if (typeof path !== 'string' || !Number.isSafeInteger(step) || !Number.isSafeInteger(policyVersion))
      throw new Error(`${POINTER} names no checkpoint`)
    if (!(await isThere(join(path, 'actor')))) throw new Error(`${path} is not there, or not whole`)
    return found as VerlCheckpoint
  } catch (cause) {
    throw errors.make(
      'DDA_CHECKPOINT_CORRUPT/verl',
      { folder, why: (cause as Error).message },
      { cause, location: folder },
    )
  }
}

/** Copies the policy as transformers reads it. @returns the files, absolute */
export async function exportModel(checkpoint: VerlCheckpoint, folder: string): Promise<readonly string[]> {
  const from = modelOf(checkpoint)
  const names = (await readdir(from)).toSorted()
  for (const name of names) await cp(join(from, name), join(folder, name), { recursive: true })
  return names.map((name) => join(folder, name))
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
