import type { RoleContext } from './role-context.ts'

/** How a role found one of the services that it talks to. */
export interface EndpointReport {
  /** Base URL, without credentials. */
  readonly url: string
  /** Names of the models that the service lists; absent where it offers no list. */
  readonly models?: readonly string[]
  /** Milliseconds until it answered. */
  readonly ms?: number
  /** Anything else that a person should know: versions, a model that is not listed. */
  readonly notes?: readonly string[]
  /** It answered, but refused what was asked: nothing shows yet that it can be used. */
  readonly unproven?: boolean
  /** Why nothing can be asked of it now, with a code and a next step where it is a DdaError. Absent: it was reached. */
  readonly error?: unknown
}

/** Offered by roles that talk to services over the network or in other processes; `dda doctor` asks. */
export interface Diagnosable {
  /**
   * Reaches every service of the role once, cheaply and without a retry, and says what it found; a service that cannot be
   * used is one of the reports, not a throw. Called on a role that is not open, and leaves nothing open behind.
   *
   * @throws DdaError for what concerns all services, for example a key that is not there
   */
  diagnose?(context: RoleContext): Promise<readonly EndpointReport[]>
}
