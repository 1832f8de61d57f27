// The reward service over the small real roles of fake-world.ts.
import {
  createRewardService,
  type RewardService,
  type RewardServiceOptions,
  type Score,
  type WireError,
} from '@dda-thinker/serve'
import { type Scoring, type ScoringResult, synthesize, withScoring } from '@dda-thinker/runs'
import { onTestFinished } from 'vitest'
import { openProject, type Project } from './fake-world.ts'

const config = { synthesize: { count: { train: 8, 'held-out': 4 } } }

/** All that an answer may hold; a test says what it does hold. */
export type Body = Omit<Score, 'reward'> &
  WireError & {
    /** null where masked, which the tests look for. */
    readonly reward: number
    readonly results: readonly unknown[]
    readonly paths: Readonly<Record<string, unknown>>
  }

export interface Answer {
  readonly status: number
  readonly text: string
  readonly body: Body
}

export interface Serving extends RewardService {
  readonly project: Project
  readonly url: string
  readonly scoring: Scoring
  post(path: string, body: unknown): Promise<Answer>
  get(path: string): Promise<Answer>
  /** Ends the service and the run. */
  end(): Promise<ScoringResult>
}

export type Given = Partial<RewardServiceOptions> & { readonly config?: object; readonly root?: string }

/** A service over the fakes with 8 training and 4 held-out samples, on a port of its own. Ends with the test. */
export async function serve({ config: over = {}, root, ...options }: Given = {}): Promise<Serving> {
  const project = await openProject({ ...config, ...over }, root === undefined ? {} : { root })
  if (root === undefined) await synthesize(project.assembly, project)
  project.world.edits = 0
  let show: (serving: Omit<Serving, 'end'>) => void = () => undefined
  const up = new Promise<Omit<Serving, 'end'>>((resolve) => (show = resolve))
  const stop = new AbortController()
  const run = withScoring(project.assembly, project, {}, async (scoring) => {
    const service = await createRewardService({
      scoring,
      images: project.workspace.images,
      ...options,
    })
    const { url } = await service.http.listen()
    service.http.ready()
    const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
      const response = await fetch(url + path, init)
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
      return { status: response.status, text, body: (isJson ? JSON.parse(text) : {}) as Body }
    }
    const headers = { 'content-type': 'application/json' }
    show({
      ...service,
      project,
      url,
      scoring,
      post: (path, body) => ask(path, { method: 'POST', headers, body: JSON.stringify(body) }),
      get: (path) => ask(path),
    })
    await service.until(AbortSignal.any([stop.signal, scoring.ended]))
    await service.scorer.settled()
  })
  const serving = await Promise.race([up, run.then(() => Promise.reject(new Error('it ended before it began')))])
  const end = async () => {
    stop.abort()
    try {
      return await run
    } finally {
      await project.close()
    }
  }
  onTestFinished(async () => void (await end().catch(() => undefined)))
  return { ...serving, end }
}
