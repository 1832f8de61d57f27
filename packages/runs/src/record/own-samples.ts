import type { Sample } from '@dda-thinker/plugin-api'
import { createLinesFile } from '../data/line-files.ts'
import { runFile } from './layout.ts'

/** Keeps the samples of a run that are none of the project's data: without them nobody could see what was asked. */
export async function writeOwnSamples(runDir: string, samples: Iterable<Sample>): Promise<void> {
  const file = await createLinesFile(runFile(runDir, 'samples'))
  try {
    for (const sample of samples) await file.write(sample)
    await file.commit()
  } catch (error) {
    await file.discard()
    throw error
  }
}
