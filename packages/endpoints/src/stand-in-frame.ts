import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where a stand-in listens. */
export interface StandInPlace {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
}

/**
 * What stand-ins for model servers share: a server that answers until it is closed.
 *
 * @param handle answers a request; where it fails, the answer is a 500 with what `wrong` makes of the message
 * @returns its origin, for example `http://127.0.0.1:8001`, and its end
 */
export async function serveStandIn(
  { host = '127.0.0.1', port = 0 }: StandInPlace,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  wrong: (message: string) => unknown = (message) => ({ detail: message }),
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendJson(response, 500, wrong(String(error))))
  }).listen(port, host)
  await once(server, 'listening')
  return {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
