import { once } from 'node:events'
import { createServer } from 'node:net'
import { errors } from './errors.ts'

/**
 * That an address can be listened on, before anything is made for a service there. Somebody else may still take it until the service
 * does: `listen` then says the same.
 *
 * @throws DdaError `DDA_HTTP_ADDRESS`
 */
export async function requireAddress({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
  } catch (error) {
    throw addressProblem(error, host, port)
  }
  server.close()
  await once(server, 'close')
}

/** What a failure to listen says; any other error as it is. */
export function addressProblem(error: unknown, host: string, port: number): unknown {
  const { code: reason = 'unknown' } = error as NodeJS.ErrnoException
  if (reason === 'EADDRINUSE') return errors.make('DDA_HTTP_ADDRESS/in-use', { host, port })
  if (['EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(reason))
    return errors.make('DDA_HTTP_ADDRESS/not-here', { host, port, reason })
  return error
}
