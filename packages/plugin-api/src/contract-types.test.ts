// What the types promise to plugin authors. Checked by tsc -p tsconfig.tests.json; running it only shows that it loads.
import { expectTypeOf, test } from 'vitest'
import {
  API_VERSION,
  definePlugin,
  definePluginSet,
  EDITOR,
  JUDGES,
  passed,
  THINKER,
  Type,
  type ChecklistItem,
  type Edit,
  type Editor,
  type HookName,
  type Hooks,
  type Judge,
  type JudgedInfo,
  type Plan,
  type PluginApi,
  type PluginSet,
  type Rollout,
  type RolloutInfo,
  type Slot,
  type Tap,
  type Thinker,
  type Verdict,
} from './index.ts'

declare const api: PluginApi
declare const editor: Editor
declare const judge: Judge

test('definePlugin infers the options of setup from their schema', () => {
  definePlugin({
    name: 'x',
    apiVersion: API_VERSION,
    options: Type.Object({ target: Type.Integer({ default: 40 }), file: Type.Optional(Type.String()) }),
    setup(_api, options) {
      expectTypeOf(options).toEqualTypeOf<{ target: number; file?: string }>()
      expectTypeOf(_api).toEqualTypeOf<PluginApi>()
    },
  })
})

test('a slot takes its own role and a list its own', () => {
  expectTypeOf(EDITOR).toEqualTypeOf<Slot<Editor>>()
  expectTypeOf(THINKER).toEqualTypeOf<Slot<Thinker>>()
  const check = (): void => {
    api.provide(EDITOR, () => editor)
    api.contribute(JUDGES, () => judge)
    // @ts-expect-error a judge is no Editor
    api.provide(EDITOR, () => judge)
    // @ts-expect-error a list is contributed to, not filled
    api.provide(JUDGES, () => judge)
    // @ts-expect-error a slot is filled, not contributed to
    api.contribute(EDITOR, () => editor)
  }
  expectTypeOf(check).toBeFunction()
})

test('a tap gets the noun and the info of its hook, and gives that noun or nothing', () => {
  const check = (): void => {
    api.tap('plan', (plan, info) => {
      expectTypeOf(plan).toEqualTypeOf<Plan>()
      expectTypeOf(info).toEqualTypeOf<RolloutInfo>()
      return { ...plan, text: plan.text }
    })
    api.tap('judge', async (rollout, info) => {
      expectTypeOf(rollout).toEqualTypeOf<Rollout>()
      expectTypeOf(info).toEqualTypeOf<JudgedInfo>()
    })
    // @ts-expect-error a plan is no edit
    api.tap('edit', (edit: Edit): Plan => ({ ...edit }))
    // @ts-expect-error there is no such hook
    api.tap('train', () => undefined)
  }
  expectTypeOf(check).toBeFunction()
  expectTypeOf<HookName>().toEqualTypeOf<'synthesize' | 'curate' | 'plan' | 'edit' | 'judge' | 'update'>()
  expectTypeOf<Parameters<Tap<'edit'>>[0]>().toEqualTypeOf<Hooks['edit']['noun']>()
})

test('a set holds plugins by kind, and nothing else', () => {
  expectTypeOf(definePluginSet({})).toEqualTypeOf<PluginSet>()
  // @ts-expect-error there is no such kind
  definePluginSet({ painter: undefined })
})

test('a verdict that is there decides, one that may be missing may not', () => {
  const item: ChecklistItem = { id: 'a', scope: 'visual', question: 'A?', expected: 'yes' }
  const verdict: Verdict = { itemId: 'a', answer: 'yes', judge: 'test' }
  expectTypeOf(passed(item, verdict)).toEqualTypeOf<boolean>()
  expectTypeOf(passed(item, verdict as Verdict | undefined)).toEqualTypeOf<boolean | undefined>()
})
