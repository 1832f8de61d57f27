import { errors } from './errors.ts'
import { excerpt } from './excerpt.ts'
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

interface Rule {
  /** From the role, with dots. */
  readonly member: string
  readonly due: string
  readonly holds: (value: unknown) => boolean
}

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 1
const count = (member: string): Rule => ({ member, due: 'a number from 1 up', holds: isCount })
const oneOf = (value: unknown, ...of: readonly unknown[]): boolean => of.includes(value)

/** What its members hold, where another value would show much later, as something else. */
const RULES: ReadonlyMap<symbol, readonly Rule[]> = new Map<symbol, readonly Rule[]>([
  [
    EDITOR.key,
    [
      {
        member: 'supports.determinism',
        due: '`bitwise`, `visual` or `none`',
        holds: (value) => oneOf(value, 'bitwise', 'visual', 'none'),
      },
      count('supports.concurrency'),
      count('supports.maxImages'),
    ],
  ],
  [
    JUDGES.key,
    [
      {
        member: 'scopes',
        due: 'a list of `cognitive`, `visual` or both',
        holds: (value) =>
          Array.isArray(value) && value.length > 0 && value.every((scope) => oneOf(scope, 'cognitive', 'visual')),
      },
      count('concurrency'),
    ],
  ],
])

/** Calls whose results come one by one. */
const STREAMS: ReadonlySet<PropertyKey> = new Set(['plan', 'synthesize', 'curate'])

/**
 * Is what a role's call returned a stream, where results come one by one? An `async` function gives a promise of a list instead.
 *
 * @returns it as it is
 * @throws DdaError `DDA_PLUGIN_ROLE` where it is none
 */
export function checkStream<T>(result: T, call: PropertyKey, plugin: string): T {
  if (!STREAMS.has(call)) return result
  if (typeof result === 'object' && result !== null && (Symbol.asyncIterator in result || Symbol.iterator in result))
    return result
  if (result instanceof Promise) result.catch(() => undefined)
  const got = result instanceof Promise ? 'a promise' : excerpt(result)
  throw errors.make('DDA_PLUGIN_ROLE/stream', { call: String(call), plugin, got }, { plugin })
}

/**
 * Has an open role what its kind must have? Type checks of its author say so too, where there are any.
 *
 * @param wanted what it was given for
 * @throws DdaError `DDA_PLUGIN_ROLE` with the first member that is missing or holds what it cannot
 */
export function checkRole(wanted: Slot<unknown> | List<unknown>, role: object, plugin: string): void {
  for (const [member, due] of Object.entries(MEMBERS.get(wanted.key) ?? {})) {
    const value: unknown = (role as Readonly<Record<string, unknown>>)[member]
    if (typeof value === due && value !== null) continue
    throw errors.make('DDA_PLUGIN_ROLE/member', { kind: wanted.id, plugin, member, due, got: typeof value }, { plugin })
  }
  for (const { member, due, holds } of RULES.get(wanted.key) ?? []) {
    const value = member.split('.').reduce((of, key) => (of as Record<string, unknown>)[key], role as unknown)
    if (holds(value)) continue
    throw errors.make(
      'DDA_PLUGIN_ROLE/member',
      { kind: wanted.id, plugin, member, due, got: excerpt(value) },
      { plugin },
    )
  }
}
