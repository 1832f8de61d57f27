import type { DdaError } from './dda-error.ts'
import { errors } from './errors.ts'

/** The error of a role that is asked to work before `open` or after `close`. The engine's guard throws it too. */
export function roleClosed(role: string): DdaError {
  return errors.make('DDA_ROLE_CLOSED', { role })
}

/**
 * The frame of a role that holds something from `open` to `close`: a session, a process, a thread. What it holds is there
 * in between and at no other time, and is ended once, also where opening fails half way.
 *
 * @example
 * readonly #frame = new RoleFrame<{ server: Server }>({ role: 'editor-mine', end: ({ server }) => server.stop() })
 * open(context) { return this.#frame.open(async () => ({ server: await Server.start(context.signal) })) }
 * edit(request, { signal }) { return this.#frame.held.server.edit(request, signal) }
 * close() { return this.#frame.close() }
 */
export class RoleFrame<Held extends object> {
  readonly #role: string
  readonly #end: (held: Held) => Promise<void>
  #held: Held | undefined

  /** @param options.role named in the error, for example the plugin's name. */
  constructor(options: { readonly role: string; readonly end: (held: Held) => Promise<void> }) {
    this.#role = options.role
    this.#end = options.end
  }

  /**
   * What is held.
   *
   * @throws DdaError `DDA_ROLE_CLOSED` before `open` has made it and after `close`.
   */
  get held(): Held {
    if (this.#held === undefined) throw roleClosed(this.#role)
    return this.#held
  }

  /** Is something held? */
  get isOpen(): boolean {
    return this.#held !== undefined
  }

  /**
   * Makes and holds; what was held before is ended first.
   *
   * @param begin work with what is held that belongs to opening; where it fails, what is held is ended again.
   */
  async open(make: () => Held | Promise<Held>, begin?: (held: Held) => Promise<void>): Promise<void> {
    await this.close()
    const held = await make()
    this.#held = held
    try {
      await begin?.(held)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Ends what is held. A second call does nothing. */
  async close(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) await this.#end(held)
  }
}
