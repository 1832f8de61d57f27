// A server on the same library that reads a request and answers at once, for bench/serve.ts: what of the waits is the machine's own.
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'

const server = fastify()
server.post('/v1/score', () => ({ reward: 1 }))
await server.listen({ host: '127.0.0.1', port: 0 })
const { port } = server.server.address() as AddressInfo
process.stdout.write(`${port} ${process.pid}\n`)
process.stdin.on('end', () => void server.close()).resume()
