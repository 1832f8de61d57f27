// A stand-in for the dashboard of Ray, as far as jobs go: its paths, fields and states (Ray 2.60), over a job that a test plays.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Submitted {
  readonly submission_id: string
  readonly entrypoint: string
  readonly runtime_env: { readonly env_vars: Readonly<Record<string, string>> }
}

export interface Dashboard {
  readonly url: string
  readonly submitted: Submitted[]
  readonly tokens: (string | undefined)[]
  status: string
  log: string
  /** Ids of the jobs that it was told to end. */
  readonly stops: string[]
  /** Jobs that were submitted while another was at work. */
  overlaps: number
  /** Answers of the next requests that are errors. */
  outages: number
  /** Takes jobs, and breaks the connection off before it has said so. */
  isMute: boolean
  close(): Promise<void>
}

/** Headers by which it takes a caller for a browser (`is_browser_request`). */
const BROWSER = /^(sec-fetch-|origin$|referer$)/

export async function rayDashboard(): Promise<Dashboard> {
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  const dashboard: Dashboard = {
    url: '',
    submitted: [],
    tokens: [],
    stops: [],
    overlaps: 0,
    status: 'PENDING',
    log: '',
    outages: 0,
    isMute: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    dashboard.tokens.push(request.headers.authorization)
    if (dashboard.outages > 0) {
      dashboard.outages -= 1
      return { status: 503, body: 'no head' }
    }
    const { method, url, headers } = request
    if (method !== 'GET' && Object.keys(headers).some((name) => BROWSER.test(name)))
      return { status: 405, body: `'${method}' method not allowed for browser traffic.` }
    if (method === 'POST' && url === '/api/jobs/') {
      const submitted = JSON.parse(text) as Submitted
      dashboard.submitted.push(submitted)
      if (dashboard.status === 'RUNNING') dashboard.overlaps += 1
      dashboard.status = 'RUNNING'
      const { submission_id } = submitted
      if (dashboard.isMute) request.socket.destroy()
      return { status: 200, body: { job_id: submission_id, submission_id } }
    }
    // One job at a time: the last.
    const submission_id = dashboard.submitted.at(-1)?.submission_id
    const path = `/api/jobs/${submission_id}`
    if (method === 'GET' && url === path)
      return { status: 200, body: { type: 'SUBMISSION', submission_id, status: dashboard.status } }
    if (method === 'GET' && url === `${path}/logs`) return { status: 200, body: { logs: dashboard.log } }
    if (method === 'POST' && url === `${path}/stop`) {
      dashboard.stops.push(String(submission_id))
      dashboard.status = 'STOPPED'
      return { status: 200, body: { stopped: true } }
    }
    return { status: 404, body: 'not found' }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(dashboard, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}
