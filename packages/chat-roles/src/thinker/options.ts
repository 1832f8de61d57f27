import { Type } from '@dda-thinker/plugin-api'
import { TAG_NAME } from '@dda-thinker/plan-text'

/** The options of Thinkers that have plans written by a chat model, to be spread into a plugin's own `Type.Object`. */
export function plannerOptions(defaults: { readonly maxTokens: number }) {
  return {
    /** Where a request names none; 0 is greedy. */
    temperature: Type.Number({ minimum: 0, maximum: 2, default: 1 }),
    /** Tokens of a plan, reasoning included. */
    maxTokens: Type.Integer({ minimum: 1, default: defaults.maxTokens }),
    /** Names of the blocks of a plan. */
    tags: Type.Object(
      {
        /** Block that explains; null: none is asked for and none may be there. */
        reasoning: Type.Union([Type.String(TAG_NAME), Type.Null()], { default: 'look' }),
        /** Block that the Editor is told. */
        plan: Type.String({ ...TAG_NAME, default: 'plan' }),
      },
      { additionalProperties: false, default: { reasoning: 'look', plan: 'plan' } },
    ),
    /** Characters of the executable plan; longer ones fail the format. Default: no limit. */
    planLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Replaces the description of the task; how to write the plan is always added. */
    systemPrompt: Type.Optional(Type.String({ minLength: 1 })),
    /** Only what follows the last of these is the plan, for models that think aloud: `</think>`. */
    answerAfter: Type.Optional(Type.String({ minLength: 1 })),
    /** Pictures with more pixels, width × height, are made smaller before they are sent: a context that is full would mask the sample for ever. */
    maxPixels: Type.Integer({ minimum: 1024, default: 2_097_152 }),
    /** Largest picture that is sent, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, default: 20_971_520 }),
  }
}
