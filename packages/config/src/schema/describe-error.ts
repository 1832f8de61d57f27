import type { ErrorObject } from 'ajv'
import { nearest } from '../nearest.ts'

/** One ajv error in words. */
export interface Described {
  readonly message: string
  readonly expected?: string
  readonly suggestion?: string
  /** The key within the object that the error is about. */
  readonly key?: string
  /** The place to point at is the key, not its value. */
  readonly unknownKey?: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  null: 'null',
}

export function describeError(error: ErrorObject): Described {
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(params['additionalProperty'] ?? params['unevaluatedProperty'])
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {})
      const suggestion = nearest(key, known)
      const message =
        suggestion === undefined && known.length > 0 ? `unknown key; known are ${known.join(', ')}` : 'unknown key'
      return { message, key, unknownKey: true, ...(suggestion === undefined ? {} : { suggestion }) }
    }
    case 'required':
      return { message: 'is missing', key: String(params['missingProperty']), expected: 'a value' }
    case 'enum':
      return oneOf(params['allowedValues'] as readonly unknown[], error.data)
    case 'const':
      return oneOf([params['allowedValue']], error.data)
    case 'anyOf':
    case 'oneOf':
      return union(error)
    default: {
      const expected = expectation(error.keyword, params)
      return expected === undefined
        ? { message: error.message ?? error.keyword }
        : { message: `expected ${expected}`, expected }
    }
  }
}

function union(error: ErrorObject): Described {
  const members = (Array.isArray(error.schema) ? error.schema : []) as readonly Readonly<Record<string, unknown>>[]
  if (members.length > 0 && members.every((member) => 'const' in member)) {
    return oneOf(
      members.map((member) => member['const']),
      error.data,
    )
  }
  const expected = members.map(
    (member) =>
      TYPES[String(member['type'])] ?? ('const' in member ? JSON.stringify(member['const']) : 'one of its forms'),
  )
  return { message: `expected ${[...new Set(expected)].join(' or ')}`, expected: expected.join(' or ') }
}

function oneOf(allowed: readonly unknown[], got: unknown): Described {
  const names = allowed.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const expected = names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`
  const suggestion = typeof got === 'string' ? nearest(got, names) : undefined
  return { message: `expected ${expected}`, expected, ...(suggestion === undefined ? {} : { suggestion }) }
}

function expectation(keyword: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const limit = String(params['limit'])
  switch (keyword) {
    case 'type': {
      const types = [params['type']].flat().map((type) => TYPES[String(type)] ?? String(type))
      return types.join(' or ')
    }
    case 'minimum':
      return `at least ${limit}`
    case 'maximum':
      return `at most ${limit}`
    case 'exclusiveMinimum':
      return `more than ${limit}`
    case 'exclusiveMaximum':
      return `less than ${limit}`
    case 'multipleOf':
      return `a multiple of ${String(params['multipleOf'])}`
    case 'minLength':
      return limit === '1' ? 'text that is not empty' : `text of at least ${limit} characters`
    case 'maxLength':
      return `text of at most ${limit} characters`
    case 'minItems':
      return `a list of at least ${limit}`
    case 'maxItems':
      return `a list of at most ${limit}`
    case 'minProperties':
      return `at least ${limit} keys`
    case 'uniqueItems':
      return 'a list without repeats'
    case 'pattern':
      return `text that matches ${String(params['pattern'])}`
    default:
      return undefined
  }
}
