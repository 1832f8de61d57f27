import { closest, distance } from 'fastest-levenshtein'
import { errors } from './errors.ts'

export type Scalar = string | number | boolean

/** Switches under which servers replace the plan by a text of their own: that would train a Thinker for nothing. */
const REWRITERS = new Set([
  'enhance_prompt',
  'prompt_enhance',
  'prompt_extend',
  'prompt_upsampling',
  'rewrite_prompt',
  'prompt_rewrite',
])

export interface RequestFieldsOptions {
  /** What the plugin sends of itself unless `params` says otherwise. */
  readonly base: Readonly<Record<string, Scalar>>
  /** The user's further fields; null leaves one of `base` out. */
  readonly params: Readonly<Record<string, Scalar | null>>
  /** The user's other names for fields, those of `reserved` included. */
  readonly rename: Readonly<Record<string, string>>
  /** The server, and the fields that it knows, where it ignores all others silently. A slip is refused. */
  readonly known?: { readonly server: string; readonly fields: readonly string[] } | undefined
  /** Fields that the plugin fills with each request and that `params` must leave alone. */
  readonly reserved: readonly string[]
}

/**
 * The fields that are the same in every request, by the names of the server, sorted: the order of keys in a config changes
 * neither request nor fingerprint.
 * @throws DdaError `DDA_EDITOR_PARAM` for reserved fields, prompt rewriting, and names that collide
 */
export function requestFields(options: RequestFieldsOptions): Readonly<Record<string, Scalar>> {
  const { base, params, rename, reserved, known } = options
  for (const [name, value] of Object.entries(params)) {
    if (reserved.includes(name)) throw errors.make('DDA_EDITOR_PARAM/reserved', { name })
    // Whoever renames a field knows what the server calls it.
    const meant = known === undefined || name in rename || value === null ? undefined : slip(name, known.fields)
    if (known !== undefined && meant !== undefined) {
      throw errors.make('DDA_EDITOR_PARAM/unknown', { server: known.server, name, meant })
    }
    if (REWRITERS.has(name) && value !== false && value !== null) {
      throw errors.make('DDA_EDITOR_PARAM/rewrites', { name })
    }
  }
  const fields: Record<string, Scalar> = {}
  const taken = new Set(reserved.map((name) => rename[name] ?? name))
  for (const [name, value] of Object.entries({ ...base, ...params })) {
    if (value === null) continue
    const sent = rename[name] ?? name
    if (taken.has(sent)) throw errors.make('DDA_EDITOR_PARAM/collision', { name: sent })
    taken.add(sent)
    fields[sent] = value
  }
  return sortedByName(fields)
}

/** The known name that was most likely meant by one that is not known: two letters off at most, or other letters for a dash. */
function slip(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '_')
  const meant = closest(plain(name), [...known])
  return distance(plain(name), meant) <= Math.min(2, Math.floor(meant.length / 3)) ? meant : undefined
}

export function sortedByName<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Is `other` the plan, but for white space? Servers echo the prompt they used. */
export function isSamePrompt(plan: string, other: string): boolean {
  return tidy(plan) === tidy(other)
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
