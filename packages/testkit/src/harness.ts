import assert from 'node:assert/strict'
import { isDdaError, type DdaError, type Opens, type RoleContext } from '@dda-thinker/plugin-api'
import { makeContext } from './fakes/context.ts'

/**
 * Any runner's way to register a test: `test` of vitest, Jest or `node:test`, `it` of Mocha. A suite registers its tests
 * with it and asserts with `node:assert/strict`.
 */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown

export interface SuiteOptions<Role> {
  readonly test: TestFunction
  /** Makes a fresh instance, as the plugin's `provide` or `contribute` does: at once and without work. */
  readonly factory: () => Role
}

/** Opens an instance, uses it and closes it, whatever happens. */
export async function withRole<Role extends Opens, T>(
  role: Role,
  context: RoleContext,
  use: (role: Role) => Promise<T>,
): Promise<T> {
  await role.open?.(context)
  try {
    return await use(role)
  } finally {
    await role.close?.()
  }
}

/** Asserts that work fails with an error that carries a code, and gives that error. */
export async function failsWithCode(
  work: Promise<unknown> | (() => unknown),
  expected: { readonly code?: string | RegExp; readonly kind?: string; readonly what: string },
): Promise<DdaError> {
  let error: unknown
  let succeeded = false
  try {
    await (typeof work === 'function' ? work() : work)
    succeeded = true
  } catch (caught) {
    error = caught
  }
  assert.ok(!succeeded, `${expected.what}: expected a DdaError, but it succeeded`)
  assert.ok(isDdaError(error), `${expected.what}: expected a DdaError, got ${String(error)}`)
  assert.match(error.code, /^DDA_[A-Z0-9_]+$/, `${expected.what}: the code has the form DDA_NAME`)
  if (typeof expected.code === 'string') assert.equal(error.code, expected.code, expected.what)
  if (expected.code instanceof RegExp) assert.match(error.code, expected.code, expected.what)
  if (expected.kind !== undefined) assert.equal(error.kind, expected.kind, `${expected.what}: failure kind`)
  return error
}

/** Asserts that a call with a signal that is already aborted fails, by a DdaError or an AbortError. */
export async function stopsWhenAborted(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController()
  controller.abort()
  let result: unknown
  try {
    result = await call(controller.signal)
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    assert.ok(isDdaError(error) || name === 'AbortError', `an aborted call ended with ${String(error)}`)
    return
  }
  assert.fail(`a call whose signal was aborted beforehand gave a result: ${JSON.stringify(result)?.slice(0, 200)}`)
}

/** Asserts that all numbers agree within `tolerance`. */
export function assertClose(actual: unknown, expected: unknown, tolerance: number, what: string): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${what}: expected a list`)
    assert.equal(actual.length, expected.length, `${what}: length`)
    expected.forEach((value, i) => assertClose(actual[i], value, tolerance, `${what}[${i}]`))
    return
  }
  assert.ok(
    typeof actual === 'number' && typeof expected === 'number' && Math.abs(actual - expected) <= tolerance,
    `${what}: expected ${String(expected)} ± ${tolerance}, got ${String(actual)}`,
  )
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** Asserts a non-empty name that two instances share. */
export function assertFingerprint(fingerprints: readonly string[]): void {
  const [first] = fingerprints
  assert.ok(typeof first === 'string' && first.length > 0, 'the fingerprint is a non-empty string')
  for (const other of fingerprints) assert.equal(other, first, 'two instances of the same settings share a fingerprint')
}

/** Registers the test of `diagnose` where the role offers it: reports of the promised form, and work as ever afterwards. */
export function testDiagnosis<Role extends Opens>(options: SuiteOptions<Role>): void {
  if (options.factory().diagnose === undefined) return
  options.test('diagnoses its endpoints without being open, and opens afterwards as ever', async () => {
    const role = options.factory()
    const context = makeContext()
    const reports = (await role.diagnose?.(context)) ?? []
    assert.ok(reports.length > 0, 'a role that offers diagnose reports on at least one endpoint')
    assert.equal(new Set(reports.map(({ url }) => url)).size, reports.length, 'no endpoint is reported twice')
    for (const { url, error, models = [], notes = [] } of reports) {
      assert.ok(typeof url === 'string' && url.length > 0, 'a report names its endpoint')
      assert.ok(error === undefined || isDdaError(error), `${url}: an error is a DdaError`)
      for (const text of [...models, ...notes]) assert.equal(typeof text, 'string')
    }
    await withRole(role, context, async () => undefined)
    await assert.rejects(
      async () => role.diagnose?.(makeContext({ signal: AbortSignal.abort() })),
      'an aborted diagnosis',
    )
  })
}
