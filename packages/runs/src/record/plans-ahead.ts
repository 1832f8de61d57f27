import { join } from 'node:path'
import type { Plan } from '@dda-thinker/plugin-api'
import { type Files, jsonLine, readLines } from '@dda-thinker/store'

/**
 * `plans.jsonl` of a checkpoint: what the Thinker had made for the step after it. With stale rollouts these are plans of an older
 * policy, which whoever continues from there could not make again.
 */
export const PLANS_AHEAD = 'plans.jsonl'

export async function writePlansAhead(folder: string, plans: readonly Plan[], files: Files): Promise<void> {
  const handle = await files.open(join(folder, PLANS_AHEAD), 'w')
  try {
    for (const plan of plans) await handle.writeFile(`${jsonLine(plan)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The plans by the id of their request. The engine looks at each as at one that has just been made. */
export async function readPlansAhead(folder: string): Promise<ReadonlyMap<string, Plan>> {
  const plans = new Map<string, Plan>()
  for await (const plan of readLines<Plan>(join(folder, PLANS_AHEAD), { whole: true })) plans.set(plan.id, plan)
  return plans
}
