// Servers of other software: a port for one, and when it answers.
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const START_MS = 600_000

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** @throws Error where the process ends first, or nothing answers in ten minutes */
export async function answers(url, server) {
  const until = Date.now() + START_MS
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`the server behind ${url} ended with ${server.exitCode}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await wait(500)
  }
  throw new Error(`nothing answers at ${url}`)
}
