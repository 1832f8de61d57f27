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

export interface KnownFields {
  readonly server: string
  readonly fields: readonly string[]
}

export interface RequestFieldsOptions {
  /** What the plugin sends of itself unless `params` says otherwise. */
  readonly base: Readonly<Record<string, Scalar>>
  /** The user's further fields; null leaves one of `base` out. */
  readonly params: Readonly<Record<string, Scalar | null>>
  /** The user's other names for fields, those of `reserved` included. */
  readonly rename: Readonly<Record<string, string>>
  /** The server, and the fields that it knows, where it ignores all others silently: those are refused. */
  readonly known?: KnownFields | undefined
  /** Fields that the plugin fills with each request and that `params` must leave alone. */
  readonly reserved: readonly string[]
}

/**
 * The fields that are the same in every request, by the names of the server, sorted: the order of keys in a config changes
 * neither request nor fingerprint.
 * @throws DdaError `DDA_EDITOR_PARAM` for reserved fields, those that the server does not know, prompt rewriting, and names that collide
 */
export function requestFields(options: RequestFieldsOptions): Readonly<Record<string, Scalar>> {
  const { base, params, rename, reserved, known } = options
  for (const [name, value] of Object.entries(params)) {
    if (reserved.includes(name)) throw errors.make('DDA_EDITOR_PARAM/reserved', { name })
    // Whoever renames a field knows what the server calls it.
    if (known !== undefined && !(name in rename) && value !== null) checkKnown(name, known)
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

/** @throws DdaError `DDA_EDITOR_PARAM`, with the name that was most likely meant, or with all that there are */
function checkKnown(name: string, { server, fields }: KnownFields): void {
  if (fields.includes(name)) return
  const plain = name.toLowerCase().replaceAll('-', '_')
  const meant = closest(plain, [...fields])
  // Two letters off at most, or other letters for a dash.
  if (distance(plain, meant) <= Math.min(2, Math.floor(meant.length / 3))) {
    throw errors.make('DDA_EDITOR_PARAM/unknown', { server, name, meant })
  }
  throw errors.make('DDA_EDITOR_PARAM/foreign', { server, name, fields: [...fields].toSorted().join(', ') })
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
