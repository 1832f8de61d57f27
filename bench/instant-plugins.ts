// Roles that take no time, for benchmarks of what lies around them.
import {
  API_VERSION,
  definePlugin,
  definePluginSet,
  EDITOR,
  type EditRequest,
  JUDGES,
  REWARD,
  type Reward,
  SCOPES,
  THINKER,
  type ThinkerInput,
  Type,
} from '@dda-thinker/plugin-api'

const none = Type.Object({}, { additionalProperties: false })

/** A 1 x 1 PNG; bytes behind its end make distinct content at no cost. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC',
  'base64',
)

export interface InstantOptions {
  /** The plan for a sample. */
  readonly plan: (input: ThinkerInput, seed: number) => string
  /** The edited picture. */
  readonly edit: (request: EditRequest) => Uint8Array
  readonly reward: (planId: string) => Reward
}

/** A Thinker, an Editor, a judge that says yes, and a reward. */
export function instantPlugins({ plan, edit, reward }: InstantOptions) {
  return definePluginSet({
    thinker: definePlugin({
      name: 'instant-thinker',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.provide(THINKER, () => ({
          fingerprint: 'instant',
          async *plan(requests) {
            for (const { id, input, seed } of requests) {
              const text = plan(input, seed)
              const written = { text, reasoning: '', executable: text, format: { ok: true } as const }
              yield { id, plan: { id, sampleId: input.id, ...written, thinker: 'instant', policyVersion: 0, seed } }
            }
          },
        })),
    }),
    editor: definePlugin({
      name: 'instant-editor',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.provide(EDITOR, () => ({
          fingerprint: 'instant',
          supports: { determinism: 'bitwise', concurrency: 8, maxImages: 1 } as const,
          edit: async (request) => ({ bytes: edit(request) }),
        })),
    }),
    judge: definePlugin({
      name: 'instant-judge',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.contribute(JUDGES, () => ({
          fingerprint: 'instant',
          scopes: SCOPES,
          concurrency: 8,
          judge: async ({ items }) => items.map(({ id }) => ({ itemId: id, answer: 'yes' as const, judge: 'instant' })),
        })),
    }),
    reward: definePlugin({
      name: 'instant-reward',
      apiVersion: API_VERSION,
      options: none,
      setup: (api) =>
        api.provide(REWARD, () => ({ fingerprint: 'instant', decompose: (input) => reward(input.plan.id) })),
    }),
  })
}
