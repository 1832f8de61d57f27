import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildVocabulary } from '@dda-thinker/trainer-onnx'
import type { Sample } from '@dda-thinker/plugin-api'
import { root, temporaryFolder } from './dda.ts'
import { ddaHere } from './in-process.ts'
import { onceARun } from './once-a-run.ts'

/** Continues or begins the run that {@link tinyTabletop} prepares. */
export const TRAIN = ['train', '--init', 'warm', '--name', 'run'] as const

export interface Folder {
  readonly dir: string
  readonly remove: () => void
}

/**
 * A project with data, a vocabulary and a short warm start, after which about half of the plans are well-formed: what a
 * training run needs to buy edits.
 */
export async function tinyTabletop(seed = 3): Promise<Folder> {
  const dir = temporaryFolder()
  const config = readFileSync(join(root, 'test/fixtures/tiny-tabletop/dda.config.yaml'), 'utf8')
  writeFileSync(join(dir, 'dda.config.yaml'), config.replace(/^seed: \d+$/m, `seed: ${seed}`))
  // The vocabulary follows from the data, so data comes first; the trainer looks for the file only when it opens.
  await succeed(dir, 'synthesize')
  const samples = readFileSync(join(dir, 'data/samples.jsonl'), 'utf8').trimEnd().split('\n')
  const texts = samples.flatMap((line) => {
    const { instruction, demonstration = '' } = JSON.parse(line) as Sample
    return [instruction, demonstration]
  })
  const vocabulary = buildVocabulary(texts, { minCount: 1, phraseWords: 1 })
  writeFileSync(join(dir, 'vocabulary.json'), JSON.stringify(vocabulary.toFile()))
  await succeed(dir, 'train', '--stage', 'sft', '--steps', '60', '--batch', '16', '--name', 'warm')
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

let prepared: Promise<string> | undefined

/** A copy of {@link tinyTabletop}, which is prepared once for all files of a run: preparing it takes longer than most tests. */
export async function ownTinyTabletop(): Promise<Folder> {
  prepared ??= onceARun('tiny-tabletop', async () => (await tinyTabletop()).dir)
  return copyOf({ dir: await prepared })
}

/** A copy to do harm to. */
export function copyOf(project: Pick<Folder, 'dir'>): Folder {
  const dir = temporaryFolder()
  cpSync(project.dir, dir, { recursive: true })
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

async function succeed(dir: string, ...args: readonly string[]): Promise<void> {
  const result = await ddaHere(dir, ...args)
  if (result.exitCode !== 0) throw new Error(`dda ${args.join(' ')}: ${JSON.stringify(result.error)}`)
}
