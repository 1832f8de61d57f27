import type { TSchema } from '@dda-thinker/plugin-api'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv } from './ajv.ts'
import type { ConfigProblem } from '../errors-config.ts'
import { describeError, type Described } from './describe-error.ts'
import { formatOrigin } from '../tree/origins.ts'
import {
  formatPath,
  fromValue,
  getNode,
  nearestNode,
  setNode,
  toValue,
  type KeyPath,
  type Node,
  type Origin,
} from '../tree/tree.ts'

// Schemas are code that was installed on purpose, and a config is small, so all errors may be collected. `addUsedSchema`
// is off because two plugins may give their schemas the same id. The schema of schemas would be compiled in every process, and
// generated code be optimised that runs once: both took longer than all else of a command's start; what is wrong in a schema still
// shows when it is compiled, and the test kit checks it by the schema of schemas.
const OPTIONS = {
  useDefaults: true,
  strict: false,
  // Of `strict` this is wanted: `.inf` and `.nan` are no settings.
  strictNumbers: true,
  validateFormats: false,
  addUsedSchema: false,
  validateSchema: false,
  code: { optimize: false },
} as const
let ajv: Ajv | undefined
const validators = new WeakMap<TSchema, ValidateFunction>()
/** Tells good from bad alone. Most configurations are good, and code that tells what is wrong takes half as long again to make. */
const quick = new Ajv({ ...OPTIONS, messages: false })
const quickValidators = new WeakMap<TSchema, ValidateFunction>()

/** One compiled validator a schema object. @throws Error where the schema itself is wrong */
export function validatorOf(schema: TSchema): ValidateFunction {
  // Made where something is wrong alone, which most commands never see.
  ajv ??= new Ajv({ ...OPTIONS, allErrors: true, verbose: true })
  return compiled(schema, ajv, validators)
}

/** Does the value fit? Fills in defaults, as {@link validatorOf} does; cheaper to make, and says no more. */
export function fits(schema: TSchema, value: unknown): boolean {
  return compiled(schema, quick, quickValidators)(value)
}

function compiled(schema: TSchema, by: Ajv, known: WeakMap<TSchema, ValidateFunction>): ValidateFunction {
  let validator = known.get(schema)
  if (validator === undefined) {
    validator = by.compile(schema)
    known.set(schema, validator)
  }
  return validator
}

export interface Validation {
  /** The tree with defaults filled in. */
  readonly tree: Node
  readonly problems: readonly ConfigProblem[]
}

/**
 * Checks a tree by a schema, fills its defaults and reports everything that is wrong, each with its place.
 *
 * @param by who the defaults belong to
 * @param at where the tree hangs in the whole configuration
 */
export function validateTree(tree: Node, schema: TSchema, by: string, cwd: string, at: KeyPath = []): Validation {
  const defaults = { from: 'default', by } as const
  const good = toValue(tree)
  if (fits(schema, good)) return { tree: withDefaults(good, tree, defaults), problems: [] }
  const check = validatorOf(schema)
  let source = tree
  // Anew: defaults are filled in on the way to what is wrong.
  let value = toValue(source)
  if (!check(value)) {
    // `--set name=123` means text where text is expected.
    const asText = rawTexts(source, check.errors ?? [])
    if (asText !== source) {
      source = asText
      value = toValue(source)
      check(value)
    }
  }
  const problems = collapse(check.errors ?? []).map((error) => toProblem(source, error, at, cwd))
  return { tree: withDefaults(value, source, defaults), problems: unique(problems) }
}

function rawTexts(tree: Node, errors: readonly ErrorObject[]): Node {
  let result = tree
  for (const error of errors) {
    const wantsText = error.keyword === 'type' && (error.params as { readonly type?: unknown }).type === 'string'
    const path = pointerToPath(error.instancePath)
    const node = getNode(result, path)
    if (wantsText && node?.type === 'scalar' && node.raw !== undefined) {
      result = setNode(result, path, { ...node, value: node.raw }) ?? result
    }
  }
  return result
}

function toProblem(tree: Node, error: ErrorObject, at: KeyPath, cwd: string): ConfigProblem {
  const path = pointerToPath(error.instancePath)
  const described: Described = describeError(error)
  const full = described.key === undefined ? path : [...path, described.key]
  const node = getNode(tree, full)
  const place = described.unknownKey === true ? (node?.key ?? node?.origin) : node?.origin
  const written = node === undefined ? undefined : toValue(node, 'written')
  const got = node === undefined ? undefined : short(written)
  const tail = got === undefined || described.unknownKey === true ? '' : `, got ${got}`
  return {
    location: formatOrigin(place ?? nearestNode(tree, full).origin, cwd),
    path: formatPath(withIndexes(tree, [...full], at)),
    message: described.message + tail,
    ...(described.expected === undefined ? {} : { expected: described.expected }),
    ...(got === undefined ? {} : { got }),
    ...(described.suggestion === undefined ? {} : { suggestion: described.suggestion }),
  }
}

/** A failed union is one problem, not one for each of its members. */
function collapse(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  return errors.filter(
    (error) =>
      error.keyword !== 'if' &&
      !unions.some(
        (union) =>
          union !== error &&
          error.schemaPath.startsWith(`${union.schemaPath}/`) &&
          error.instancePath.startsWith(union.instancePath),
      ),
  )
}

function unique(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.path}\0${problem.message}`, problem])).values()]
}

/** The validated value with the origins of the tree it came from; what validation added is a default. */
function withDefaults(value: unknown, node: Node | undefined, origin: Origin): Node {
  if (node === undefined) return fromValue(value, origin)
  if (Array.isArray(value) && node.type === 'list') {
    return { ...node, items: value.map((item, index) => withDefaults(item, node.items[index], origin)) }
  }
  if (typeof value === 'object' && value !== null && node.type === 'map') {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, withDefaults(item, node.entries.get(key), origin)] as const,
    )
    return { ...node, entries: new Map(entries) }
  }
  return node
}

function pointerToPath(pointer: string): KeyPath {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** List positions as numbers, for show. */
function withIndexes(tree: Node, path: KeyPath, at: KeyPath): KeyPath {
  return [
    ...at,
    ...path.map((part, index) => (getNode(tree, path.slice(0, index))?.type === 'list' ? Number(part) : part)),
  ]
}

function short(value: unknown): string {
  const plain = typeof value === 'number' && !Number.isFinite(value) ? String(value) : JSON.stringify(value)
  const text = typeof value === 'function' ? 'a function' : (plain ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
