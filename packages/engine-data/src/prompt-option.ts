import { type Static, Type } from '@dda-thinker/plugin-api'
import { DEFAULT_ENGINE_PROMPT, type EnginePrompt } from './engine-prompt.ts'

/** The option of trainers that run engines, which says what the policy is told. */
export const promptOption = Type.Object(
  {
    system: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        default: null,
        description: 'System message; null: none. Default: the task and the shape of a plan.',
      }),
    ),
    user: Type.String({ default: DEFAULT_ENGINE_PROMPT.user, description: 'User message, with {instruction} in it.' }),
  },
  { additionalProperties: false, default: {}, description: 'What the policy is told.' },
)

/** The prompt that such an option asks for. */
export function promptOf({ system = DEFAULT_ENGINE_PROMPT.system, user }: Static<typeof promptOption>): EnginePrompt {
  return { system, user }
}
