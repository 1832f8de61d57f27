// The reward service over roles that take no time, for bench/serve.ts; says its port and process when it listens, ends with its standard input.
import { withInstantService } from './instant-service.ts'

const stop = new AbortController()
process.stdin.on('end', () => stop.abort()).resume()
await withInstantService(async ({ http }) => {
  const { port } = await http.listen()
  http.ready()
  process.stdout.write(`${port} ${process.pid}\n`)
  await http.until(stop.signal)
}, stop.signal)
