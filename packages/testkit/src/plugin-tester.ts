import assert from 'node:assert/strict'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { isPlugin, type Plugin, type PluginApi, type TSchema } from '@dda-thinker/plugin-api'
import { makeContext } from './fakes/index.ts'
import { failsWithCode, type TestFunction } from './harness.ts'

export interface ValidCase {
  readonly name?: string
  readonly options: unknown
}

export interface InvalidCase extends ValidCase {
  /** `DDA_CONFIG_INVALID` for what the schema refuses; otherwise the code of the plugin's own check. */
  readonly code: string
  /** For the schema: the path of the faulty value, for example `weights.cognitive`; '' is the options themselves. */
  readonly at?: string
}

/**
 * Tests a plugin's options in the manner of ESLint's RuleTester. Every case must be new, have no keys but the known ones
 * and, if invalid, name the code that is expected: a test table that lies is itself a failure. Schema and defaults are
 * applied as the framework does it, then `setup` runs and what it provides is made.
 */
export function testPluginOptions<S extends TSchema>(
  test: TestFunction,
  plugin: Plugin<S>,
  cases: { readonly valid: readonly ValidCase[]; readonly invalid: readonly InvalidCase[] },
): void {
  assert.ok(isPlugin(plugin), 'the plugin is made by definePlugin')
  assert.ok(cases.valid.length > 0 && cases.invalid.length > 0, 'give at least one valid and one invalid case')
  checkTable(cases.valid, ['name', 'options'])
  checkTable(cases.invalid, ['name', 'options', 'code', 'at'])
  for (const { code } of cases.invalid) {
    assert.ok(typeof code === 'string' && code.startsWith('DDA_'), 'an invalid case says which code is expected')
  }

  test(`${plugin.name}: its options are an object that refuses unknown keys`, async () => {
    const errors = problemsOf(plugin.options, { 'no such option of any plugin': 1 })
    assert.ok(
      errors.some((error) => error.keyword === 'additionalProperties'),
      'it takes an unknown option in silence: give the schema `{ additionalProperties: false }`',
    )
  })

  for (const valid of cases.valid) {
    test(`${plugin.name}: takes ${titleOf(valid)}`, async () => {
      const options = structuredClone(valid.options)
      const problems = problemsOf(plugin.options, options).map(describe).join(', ')
      assert.equal(problems, '', `the schema refuses them: ${problems}`)
      make(plugin, options)
    })
  }

  for (const invalid of cases.invalid) {
    test(`${plugin.name}: refuses ${titleOf(invalid)} with ${invalid.code}`, async () => {
      const options = structuredClone(invalid.options)
      const problems = problemsOf(plugin.options, options)
      if (problems.length === 0) {
        assert.equal(invalid.at, undefined, `the schema takes these options: nothing is wrong at \`${invalid.at}\``)
        await failsWithCode(() => make(plugin, options), {
          code: invalid.code,
          what: `${titleOf(invalid)}, which the schema takes: setup or what it provides refuses them`,
        })
        return
      }
      assert.equal(invalid.code, 'DDA_CONFIG_INVALID', `the schema refuses them: ${problems.map(describe).join(', ')}`)
      if (invalid.at !== undefined)
        assert.ok(
          problems.some((one) => pathOf(one) === invalid.at),
          `nothing is wrong at \`${invalid.at}\`: ${problems.map(describe).join(', ')}`,
        )
    })
  }
}

function checkTable(cases: readonly ValidCase[], known: readonly string[]): void {
  const seen = new Set<string>()
  for (const one of cases) {
    for (const key of Object.keys(one))
      assert.ok(known.includes(key), `unknown key '${key}' in a case; known: ${known.join(', ')}`)
    const key = JSON.stringify(one.options)
    assert.ok(!seen.has(key), `duplicate case ${key}`)
    seen.add(key)
  }
}

// `addUsedSchema` is off because two plugins may give their schemas the same id.
const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: false,
  validateFormats: false,
  addUsedSchema: false,
})
/** Compiled once: a plugin's suites ask for every case. */
const validators = new WeakMap<TSchema, ValidateFunction>()

/** Fills in defaults, as a side effect, and gives what is wrong. */
export function problemsOf(schema: TSchema, options: unknown): readonly ErrorObject[] {
  let validate = validators.get(schema)
  if (validate === undefined) {
    validate = ajv.compile(schema)
    validators.set(schema, validate)
  }
  validate(options)
  return validate.errors ?? []
}

/** Runs `setup` and makes everything it declares, as the engine does at the start of a run. */
function make(plugin: Plugin, options: unknown): void {
  const makers: (() => unknown)[] = []
  const api: PluginApi = {
    provide: (_slot, maker) => makers.push(maker),
    contribute: (_list, maker) => makers.push(maker),
    tap: () => {},
    onDispose: () => {},
    resolvePath: (path) => path,
    runDir: undefined,
    log: makeContext().log,
  }
  plugin.setup(api, options)
  for (const maker of makers) maker()
}

function titleOf({ name, options }: ValidCase): string {
  return name ?? JSON.stringify(options)
}

export function describe(error: ErrorObject): string {
  return `${pathOf(error) || 'options'} ${error.message ?? ''}`
}

function pathOf({ instancePath, keyword, params }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.')
  const extra = keyword === 'additionalProperties' ? String(params['additionalProperty']) : ''
  return [path, extra].filter((part) => part !== '').join('.')
}
