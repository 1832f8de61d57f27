import {
  canonicalJson,
  isAskedFor,
  type Plan,
  type RewardStream,
  type Sample,
  sampleProblem,
  type Scope,
  SCOPES,
} from '@dda-thinker/plugin-api'
import { type PlanTags, readPlan, writePlan } from '@dda-thinker/plan-text'
import type { ScoreTask, Scoring, Workspace } from '@dda-thinker/runs'
import { sha256 } from '@dda-thinker/store'
import { LRUCache } from 'lru-cache'
import { errors } from '../errors.ts'
import type { InlineSample, ScoreRequest } from '../wire/score-schema.ts'

export interface Reading {
  readonly scoring: Pick<Scoring, 'samples' | 'streams'>
  readonly images: Workspace['images']
  /** Tags of the plans that callers send. */
  readonly tags: PlanTags
}

/** A request as the run takes it, and what makes it equal to another. */
export interface ReadRequest {
  readonly task: ScoreTask
  /** 32 hex digits of all that the reward depends on: sample, plan and halves asked. */
  readonly key: string
}

/** Readings kept, of texts of so many characters at most. */
const KEPT = 4096
const LONGEST_KEPT = 8192

/** Reads requests; one that it read lately, about a sample of the data, it knows by its words. */
export class RequestReader {
  readonly #reading: Reading
  readonly #kept = new LRUCache<string, Pick<ReadRequest, 'key'> & Pick<ScoreTask, 'sample' | 'plan' | 'asked'>>({
    max: KEPT,
  })

  constructor(reading: Reading) {
    this.#reading = reading
  }

  /**
   * @throws DdaError `DDA_SERVE_REQUEST`, `DDA_SCORE_SAMPLE_UNKNOWN`, `DDA_SCORE_SAMPLE_TAKEN`; of pictures `DDA_IMAGE_*`
   */
  async read(request: ScoreRequest): Promise<ReadRequest> {
    const words = wordsOf(request)
    let read = words === undefined ? undefined : this.#kept.get(words)
    if (read === undefined) {
      read = await this.#read(request)
      if (words !== undefined) this.#kept.set(words, read)
    }
    const { key, sample, plan, asked } = read
    const { seed = 0, group = sample.id, member = 0, step = 0 } = request
    return { key, task: { sample, plan, seed, group, member, step, ...(asked === undefined ? {} : { asked }) } }
  }

  async #read(request: ScoreRequest) {
    const reading = this.#reading
    const plan = planOf(request, reading.tags)
    const asked = askedOf(request.streams, reading.scoring.streams)
    const sample = await sampleOf(request, reading)
    const key = sha256(canonicalJson([sample.id, plan.text, plan.executable, plan.format, asked ?? null])).slice(0, 32)
    return { key, sample, plan, ...(asked === undefined ? {} : { asked }) }
  }
}

/** All of a request that its reading depends on; undefined where it is too much to be kept. */
function wordsOf({ plan, completion, ended, sampleId, sample, streams }: ScoreRequest): string | undefined {
  if (sample !== undefined || (plan ?? completion ?? '').length > LONGEST_KEPT) return undefined
  return JSON.stringify([sampleId, plan, completion, ended, streams])
}

/** A plan that comes alone has the form that it would have had. */
function planOf({ plan, completion, ended }: ScoreRequest, tags: PlanTags): ScoreTask['plan'] {
  if ((plan === undefined) === (completion === undefined)) throw errors.make('DDA_SERVE_REQUEST/plan')
  const written = completion ?? writePlan({ reasoning: '', executable: plan ?? '' }, tags)
  return readPlan(written, { tags, ...(ended === undefined ? {} : { ended }), strip: true }) satisfies Pick<
    Plan,
    'text' | 'reasoning' | 'executable' | 'format'
  >
}

/** The halves of the checklist that some streams are made from. */
function askedOf(
  wanted: readonly string[] | undefined,
  streams: readonly RewardStream[],
): readonly Scope[] | undefined {
  if (wanted === undefined) return undefined
  const scopes = new Set<Scope>()
  for (const name of wanted) {
    const stream = streams.find((one) => one.name === name)
    if (stream === undefined) {
      const known = streams.map((one) => one.name).join(', ')
      throw errors.make('DDA_SERVE_REQUEST/stream', { stream: name, streams: known === '' ? 'none' : known })
    }
    for (const scope of stream.scopes) scopes.add(scope)
  }
  return scopes.size === SCOPES.length ? undefined : SCOPES.filter((scope) => scopes.has(scope))
}

/** Names of the streams that a rollout was asked for. */
export function askedStreams(asked: readonly Scope[] | undefined, streams: readonly RewardStream[]): readonly string[] {
  return streams.filter((stream) => isAskedFor(asked === undefined ? {} : { asked }, stream)).map(({ name }) => name)
}

async function sampleOf({ sampleId, sample }: ScoreRequest, { scoring, images }: Reading): Promise<Sample> {
  if ((sampleId === undefined) === (sample === undefined)) throw errors.make('DDA_SERVE_REQUEST/sample')
  if (sample === undefined) return scoring.samples.find(sampleId ?? '')
  const pictures = []
  for (const picture of sample.images) pictures.push(await images.put(bytesOf(picture)))
  const referenceImage =
    sample.referenceImage === undefined ? undefined : await images.put(bytesOf(sample.referenceImage))
  const given = asSample(sample, pictures, referenceImage)
  const problem = sampleProblem(given)
  if (problem !== undefined) throw errors.make('DDA_SERVE_REQUEST/inline', { problem })
  return scoring.samples.admit(given)
}

function asSample(
  { id, instruction, checklist, reference = '', category = 'inline', subtask }: InlineSample,
  images: Sample['images'],
  referenceImage: Sample['referenceImage'],
): Sample {
  const content = {
    images,
    instruction,
    category,
    ...(subtask === undefined ? {} : { subtask }),
    reference,
    ...(referenceImage === undefined ? {} : { referenceImage }),
    checklist: checklist as Sample['checklist'],
  }
  return {
    id: id ?? `inline-${sha256(canonicalJson(content)).slice(0, 16)}`,
    ...content,
    split: 'train',
    provenance: { plugin: 'dda-serve', seed: 0 },
  }
}

function bytesOf(picture: string): Uint8Array {
  const text = picture.replace(/^data:image\/[a-z+]{1,20};base64,/, '')
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) throw errors.make('DDA_SERVE_REQUEST/picture')
  return Buffer.from(text, 'base64')
}
