import { errors } from './errors.ts'
import {
  CURATORS,
  EDITOR,
  EXTERNAL_TRAINER,
  JUDGES,
  type List,
  REWARD,
  type Slot,
  SYNTHESIZERS,
  THINKER,
  TRAINER,
} from './slots.ts'

type Due = 'function' | 'object' | 'string' | 'number' | 'boolean'
type Members = Readonly<Record<string, Due>>

const POLICY: Members = {
  fingerprint: 'string',
  thinker: 'object',
  policyVersion: 'number',
  save: 'function',
  load: 'function',
}

/** What an open role of each kind has at least. */
const MEMBERS: ReadonlyMap<symbol, Members> = new Map<symbol, Members>([
  [SYNTHESIZERS.key, { synthesize: 'function' }],
  [CURATORS.key, { curate: 'function' }],
  [THINKER.key, { fingerprint: 'string', plan: 'function' }],
  [EDITOR.key, { fingerprint: 'string', supports: 'object', edit: 'function' }],
  [JUDGES.key, { fingerprint: 'string', scopes: 'object', concurrency: 'number', judge: 'function' }],
  [REWARD.key, { fingerprint: 'string', decompose: 'function' }],
  [TRAINER.key, { ...POLICY, supports: 'object', update: 'function' }],
  [
    EXTERNAL_TRAINER.key,
    { ...POLICY, check: 'function', savesAtAnyStep: 'boolean', start: 'function', step: 'function' },
  ],
])

/**
 * Has an open role what its kind must have? Type checks of its author say so too, where there are any.
 *
 * @param wanted what it was given for
 * @throws DdaError `DDA_PLUGIN_ROLE` with the first member that is missing
 */
export function checkRole(wanted: Slot<unknown> | List<unknown>, role: object, plugin: string): void {
  for (const [member, due] of Object.entries(MEMBERS.get(wanted.key) ?? {})) {
    const value: unknown = (role as Readonly<Record<string, unknown>>)[member]
    if (typeof value === due && value !== null) continue
    throw errors.make('DDA_PLUGIN_ROLE/member', { kind: wanted.id, plugin, member, due, got: typeof value }, { plugin })
  }
}
