import { Type } from '@dda-thinker/plugin-api'
import { JUDGE_OPTIONS } from './chat-judge.ts'

/** Options of every benchmark that is judged by prompts, to be spread behind its own. */
export const JUDGED_OPTIONS = {
  parser: Type.Union([Type.Literal('official'), Type.Literal('strict')], {
    default: 'official',
    description: 'Read answers as the official script does, or refuse what it misreads.',
  }),
  prompts: Type.Optional(
    Type.String({
      description: 'Folder of prompts to use in place of ours, each named like the one that it replaces.',
    }),
  ),
  judge: Type.Optional(JUDGE_OPTIONS),
}
