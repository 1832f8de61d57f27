import type { EditRequest, ImageRef, JudgeRequest } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { EndpointError } from './endpoint-error.ts'
import { RefusalWatch } from './refusal-watch.ts'
import { sampleInput } from './sample-input.ts'

const SAMPLES = 3
const PLANS = 16

const picture = (hash: string): ImageRef => ({ hash, mediaType: 'image/png', width: 8, height: 8 })
const items = (question: string) => [{ id: 'q1', scope: 'visual', question, expected: 'yes' }] as const

/** What the roles are asked about one plan of a sample. All samples have the same source picture, as pictures are used more than once. */
const REQUESTS: Readonly<Record<string, (sample: number, plan: number) => EditRequest | JudgeRequest>> = {
  edit: (sample, plan) => ({ images: [picture('source')], plan: `plan ${sample}/${plan}`, seed: sample }),
  'question about a plan': (sample, plan) => ({
    scope: 'cognitive',
    instruction: `instruction ${sample}`,
    plan: `plan ${sample}/${plan}`,
    items: items('Is it carried out?'),
  }),
  'question about a picture': (sample, plan) => ({
    scope: 'visual',
    source: [picture('source')],
    edited: picture(`edited ${sample}/${plan}`),
    items: items(`Does it show ${sample}?`),
  }),
}

const signal = new AbortController().signal
const refusal = (status: number) =>
  status === 402
    ? new EndpointError('DDA_ENDPOINT_PAYMENT', 'no credit', { kind: 'unavailable', status, next: 'Pay.' })
    : new EndpointError('DDA_ENDPOINT_REJECTED', 'no such field', { kind: 'bad-input', status, next: 'Look.' })

/** Which of the refusals of all plans of so many samples stop the run. */
async function stops(role: string, samples: number, status: number): Promise<boolean[]> {
  const watch = new RefusalWatch({ places: 8, patienceMs: 0 })
  if (status === 402) watch.onSuccess(performance.now())
  const ends: boolean[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    for (let plan = 0; plan < PLANS; plan += 1) {
      const request = REQUESTS[role]?.(sample, plan) as EditRequest
      const error = await watch.settle(refusal(status), sampleInput(request), signal)
      ends.push((error as EndpointError).stopsRun)
    }
  }
  return ends
}

const roles = Object.keys(REQUESTS)

test.each(roles.flatMap((role) => [400, 402].map((status) => [role, status] as const)))(
  '%s, %d: one sample that is refused with all its plans masks them, and as many samples stop the run',
  async (role, status) => {
    const alone = Array.from({ length: PLANS }, () => false)
    expect(await stops(role, 1, status)).toEqual(alone)
    const before = Array.from({ length: (SAMPLES - 1) * PLANS }, () => false)
    expect(await stops(role, SAMPLES, status)).toEqual([...before, ...alone.map(() => true)])
  },
)
