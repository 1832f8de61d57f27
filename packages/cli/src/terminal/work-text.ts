import type { CallsAtWork, Work } from '@dda-thinker/runs'
import { clock } from './progress.ts'

/** Calls that are always told, in the order in which a rollout meets them; others once they have taken a second. */
const STAGES = ['synthesize', 'curate', 'plan', 'edit', 'judge', 'update', 'imitate']

/** Seconds from which on it is worth saying how long a call has taken. */
const LONG = 5

/** Who is at work, and how many wait for whom: `edit: editor-openai 4 at work (oldest 0:12), 20 wait · judge: ...`. */
export function callsText({ calls }: Work): string {
  const shown = calls.filter(({ call, oldest }) => STAGES.includes(call) || oldest >= 1)
  return shown
    .toSorted((a, b) => place(a) - place(b))
    .map(({ plugin, call, running, waiting, oldest }) => {
      const since = oldest < LONG ? '' : ` (${running > 1 ? 'oldest ' : ''}${clock(oldest)})`
      const parts = [
        ...(running > 0 ? [`${running} at work${since}`] : []),
        ...(waiting > 0 ? [`${waiting} wait`] : []),
      ]
      return `${call}: ${plugin} ${parts.join(', ')}`
    })
    .join(' · ')
}

/** How fast, and what it has cost. */
export function paceText(rate: number | undefined, unit: string, { money }: Pick<Work, 'money'>): string {
  const parts = [
    ...(rate === undefined ? [] : [`${rate.toFixed(rate < 10 ? 2 : rate < 100 ? 1 : 0)} ${unit}/s`]),
    ...(money === undefined ? [] : [`${money.toFixed(money < 10 ? 4 : 2)} spent`]),
  ]
  return parts.join(', ')
}

function place({ call }: CallsAtWork): number {
  const at = STAGES.indexOf(call)
  return at < 0 ? STAGES.length : at
}
