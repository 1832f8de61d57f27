/**
 * What MLflow's REST API takes in one request (`runs/log-batch`), and of one entity.
 * Source: https://mlflow.org/docs/latest/api_reference/rest-api.html#log-batch and its "Request Limits".
 */
export const LIMITS = {
  /** Entities of all kinds together in one request. */
  entities: 1000,
  metrics: 1000,
  params: 100,
  tags: 100,
  /** Bytes of a request; 1 MB by the server, less what frames it. */
  bytes: 900_000,
  /** Characters of a metric's, param's or tag's key. */
  key: 250,
  /** Characters of a param: 6000 from MLflow 2.8 on, 500 before. */
  param: 500,
  /** Characters of a tag. */
  tag: 5000,
} as const

export interface Metric {
  readonly key: string
  readonly value: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly step: number
}

export interface Entry {
  readonly key: string
  readonly value: string
}

export interface Batch {
  readonly metrics: readonly Metric[]
  readonly params: readonly Entry[]
  readonly tags: readonly Entry[]
}

/** Everything in as few requests as the limits allow, in order; none where there is nothing. */
export function batchesOf({ metrics = [], params = [], tags = [] }: Partial<Batch>): readonly Batch[] {
  const batches: Batch[] = []
  let open = empty()
  const add = <K extends keyof Batch>(kind: K, value: Batch[K][number]) => {
    const size = Buffer.byteLength(JSON.stringify(value)) + 1
    if (open.count === LIMITS.entities || open[kind].length === LIMITS[kind] || open.bytes + size > LIMITS.bytes) {
      batches.push(bare(open))
      open = empty()
    }
    ;(open[kind] as Batch[K][number][]).push(value)
    open.bytes += size
    open.count += 1
  }
  for (const param of params) add('params', param)
  for (const tag of tags) add('tags', tag)
  for (const metric of metrics) add('metrics', metric)
  return open.count === 0 ? batches : [...batches, bare(open)]
}

function empty() {
  return { metrics: [] as Metric[], params: [] as Entry[], tags: [] as Entry[], bytes: 0, count: 0 }
}

function bare({ metrics, params, tags }: Batch): Batch {
  return { metrics, params, tags }
}

/**
 * A name as MLflow takes it: letters, digits, `_`, `-`, `.`, blanks and `/`, as a path that is in its shortest form. Anything else
 * becomes `_`.
 */
export function keyOf(name: string): string {
  const clean = name
    .replaceAll(/[^A-Za-z0-9_\-. /]/g, '_')
    .split('/')
    .map((part) => (/^\.*$/.test(part) ? '_'.repeat(Math.max(1, part.length)) : part))
    .join('/')
  return clean.slice(0, LIMITS.key)
}
