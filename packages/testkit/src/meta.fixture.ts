/* How the suites themselves are tested: their tests are collected, run, and the names of those that fail given back. */
import { expect, test } from 'vitest'
import type { TestFunction } from './harness.ts'

/** Names of the tests of a suite that fail. */
export async function failures(register: (test: TestFunction) => void): Promise<readonly string[]> {
  return (await failuresOf(register)).map(({ name }) => name)
}

/** And what each of them said. */
export async function failuresOf(
  register: (test: TestFunction) => void,
): Promise<readonly { readonly name: string; readonly said: string }[]> {
  const tests: { readonly name: string; readonly run: () => Promise<void> }[] = []
  register((name, run) => tests.push({ name, run }))
  const failed: { readonly name: string; readonly said: string }[] = []
  for (const { name, run } of tests) {
    try {
      await run()
    } catch (error) {
      failed.push({ name, said: error instanceof Error ? error.message : String(error) })
    }
  }
  return failed
}

/** Registers one test: a suite passes on the honest role, and catches each sabotaged one by a test of that name. */
export function catches<Role>(options: {
  readonly register: (test: TestFunction, factory: () => Role) => void
  readonly honest: () => Role
  readonly sabotaged: readonly (readonly [testName: RegExp, sabotage: (role: Role) => Role])[]
}): void {
  const { register, honest, sabotaged } = options
  test('passes an honest implementation', async () => {
    expect(await failures((collect) => register(collect, honest))).toEqual([])
  })
  test.each(sabotaged.map(([name, sabotage]) => ({ name, sabotage })))(
    'catches by $name',
    async ({ name, sabotage }) => {
      const failed = await failures((collect) => register(collect, () => sabotage(honest())))
      expect(failed.join('\n')).toMatch(name)
    },
  )
}
