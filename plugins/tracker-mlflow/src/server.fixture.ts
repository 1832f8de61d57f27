import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Kept {
  experiment: string
  status: string
  tags: Record<string, string>
  params: Record<string, string>
  readonly metrics: { key: string; value: number; step: number; timestamp: number }[]
}

interface Body {
  readonly name?: string
  readonly run_name?: string
  readonly experiment_id?: string
  readonly run_id?: string
  readonly status?: string
  readonly metrics?: Kept['metrics']
  readonly params?: readonly { readonly key: string; readonly value: string }[]
  readonly tags?: readonly { readonly key: string; readonly value: string }[]
}

/** Answers the calls that the plugin makes as MLflow does, its limits included, and keeps what it is told. */
export async function fakeMlflow() {
  const runs = new Map<string, Kept>()
  const experiments = new Map<string, string>()
  const headers: (string | undefined)[] = []
  /** Answers of this status instead, so many times. */
  const trouble = { status: 0, left: 0 }
  let calls = 0

  function answer(path: string, query: URLSearchParams, body: Body): [number, unknown] {
    const absent = [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No such thing' }] as [number, unknown]
    const invalid = (message: string) => [400, { error_code: 'INVALID_PARAMETER_VALUE', message }] as [number, unknown]
    switch (path) {
      case 'experiments/get-by-name': {
        const id = experiments.get(query.get('experiment_name') ?? '')
        return id === undefined ? absent : [200, { experiment: { experiment_id: id, lifecycle_stage: 'active' } }]
      }
      case 'experiments/create': {
        experiments.set(body.name ?? '', String(experiments.size + 1))
        return [200, { experiment_id: String(experiments.size) }]
      }
      case 'runs/create': {
        const id = `run${runs.size + 1}`
        const tags = { 'mlflow.runName': body.run_name ?? '' }
        runs.set(id, { experiment: body.experiment_id ?? '', status: 'RUNNING', tags, params: {}, metrics: [] })
        return [200, { run: { info: { run_id: id } } }]
      }
      case 'runs/get': {
        const run = runs.get(query.get('run_id') ?? '')
        if (run === undefined) return absent
        const latest = new Map(run.metrics.map((metric) => [metric.key, metric]))
        return [200, { run: { info: { lifecycle_stage: 'active' }, data: { metrics: [...latest.values()] } } }]
      }
      case 'runs/update': {
        const run = runs.get(body.run_id ?? '')
        if (run === undefined) return absent
        run.status = body.status ?? ''
        return [200, {}]
      }
      case 'runs/log-batch': {
        const run = runs.get(body.run_id ?? '')
        if (run === undefined) return absent
        const { metrics = [], params = [], tags = [] } = body
        if (metrics.length > 1000 || params.length > 100 || tags.length > 100) return invalid('too many')
        if (metrics.length + params.length + tags.length > 1000) return invalid('too many in all')
        for (const { key, value } of params) {
          if (key in run.params && run.params[key] !== value) return invalid(`${key} was ${run.params[key]}`)
          run.params[key] = value
        }
        for (const { key, value } of tags) run.tags[key] = value
        run.metrics.push(...metrics)
        return [200, {}]
      }
      default:
        return absent
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    calls += 1
    headers.push(request.headers.authorization)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace('/api/2.0/mlflow/', '')
    let [status, body] = answer(path, url.searchParams, text === '' ? {} : (JSON.parse(text) as Body))
    if (trouble.left > 0) {
      trouble.left -= 1
      ;[status, body] = [trouble.status, { message: 'trouble' }]
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    experiments,
    headers,
    trouble,
    calls: () => calls,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
