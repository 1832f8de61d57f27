import { errors } from './errors.ts'

type Due = 'function' | 'object' | 'string' | 'number'

/** What an open role of each kind has at least. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, Due>>>> = {
  synthesizer: { synthesize: 'function' },
  curator: { curate: 'function' },
  thinker: { fingerprint: 'string', plan: 'function' },
  editor: { fingerprint: 'string', supports: 'object', edit: 'function' },
  judge: { fingerprint: 'string', scopes: 'object', concurrency: 'number', judge: 'function' },
  reward: { fingerprint: 'string', decompose: 'function' },
  trainer: {
    fingerprint: 'string',
    supports: 'object',
    thinker: 'object',
    policyVersion: 'number',
    update: 'function',
    save: 'function',
    load: 'function',
  },
}

/**
 * Has an open role what its kind must have? Type checks of its author say so too, where there are any.
 *
 * @param kind as the configuration names it
 * @throws DdaError `DDA_PLUGIN_ROLE` with the first member that is missing
 */
export function checkRole(kind: string, role: object, plugin: string): void {
  for (const [member, due] of Object.entries(MEMBERS[kind] ?? {})) {
    const value: unknown = (role as Readonly<Record<string, unknown>>)[member]
    if (typeof value === due && value !== null) continue
    throw errors.make('DDA_PLUGIN_ROLE/member', { kind, plugin, member, due, got: typeof value }, { plugin })
  }
}
