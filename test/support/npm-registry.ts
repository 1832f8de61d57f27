import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What `npm publish` sends of a package, and a registry gives of it. */
export interface Published {
  readonly name: string
  readonly versions: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>
  readonly _attachments: Readonly<Record<string, { readonly data: string; readonly length: number }>>
}

/** A registry of npm packages in memory, by the part of its protocol that publishing takes (npm's registry API, package endpoints). */
export class NpmRegistry {
  /** In the order they came. */
  readonly published = new Map<string, Published>()
  /** Packages that it takes before it refuses. */
  room = Infinity
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<NpmRegistry> {
    const server = createServer((request, response) => {
      const answer = (status: number, body: unknown) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      const name = decodeURIComponent((request.url ?? '').slice(1).replace(/\?.*/, ''))
      if (request.method === 'GET') {
        const found = registry.published.get(name)
        return found === undefined ? answer(404, { error: 'not found' }) : answer(200, found)
      }
      void text(request).then((body) => {
        // Refusals of the server itself npm would try again after ten seconds.
        if (request.headers.authorization === undefined) return answer(401, { error: 'who is there?' })
        if (registry.published.size >= registry.room) return answer(403, { error: 'no more today' })
        registry.published.set(name, JSON.parse(body) as Published)
        return answer(201, { ok: true })
      })
    })
    const registry = new NpmRegistry(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}
