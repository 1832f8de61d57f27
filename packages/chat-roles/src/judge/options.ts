import { Type } from '@dda-thinker/plugin-api'
import type { CanaryOptions } from './canary-watch.ts'

/** The options of judges that put checklists to a chat model, to be spread into a plugin's own `Type.Object`. */
export function checklistOptions() {
  return {
    /** What it answers: questions about plans, about pictures, or both. */
    scope: Type.Union([Type.Literal('cognitive'), Type.Literal('visual'), Type.Literal('both')], { default: 'both' }),
    /** What it is shown of the sample beside pictures, or plan, and questions. */
    sees: Type.Array(Type.Union([Type.Literal('instruction'), Type.Literal('reference')]), {
      default: [],
      uniqueItems: true,
    }),
    /** Have it write a reason before each answer. */
    reasons: Type.Boolean({ default: true }),
    /** Answers taken for each item; the majority counts, or the mean of soft scores. */
    samples: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
    temperature: Type.Number({ minimum: 0, maximum: 2, default: 0 }),
    /** Of the first sample; later ones and repetitions count on from it. */
    seed: Type.Integer({ minimum: 0, maximum: 2_147_000_000, default: 0 }),
    /** Times an unparsable answer is asked for in all. */
    answerAttempts: Type.Integer({ minimum: 1, maximum: 10, default: 3 }),
    /** Temperature of repetitions, where it is above `temperature`: a greedy model would write the same again. */
    retryTemperature: Type.Number({ minimum: 0, maximum: 2, default: 0.7 }),
    /** Soft scores closer to one half than this are `unsure`. */
    margin: Type.Number({ minimum: 0, maximum: 0.5, default: 0 }),
    /** Characters of a plan that are shown, after sanitising. */
    planLimit: Type.Integer({ minimum: 1, maximum: 200_000, default: 4000 }),
    /** Added to the system prompt, for example what counts as unchanged in this domain. */
    guidance: Type.Optional(Type.String({ minLength: 1 })),
    /** Only what follows the last of these is read, for models that think aloud: `</think>`. */
    answerAfter: Type.Optional(Type.String({ minLength: 1 })),
    /** Now and then a request that has no right to pass, and an alarm when it does. Default: none. */
    canaries: Type.Optional(
      Type.Object(
        {
          /** A canary for so many requests. */
          every: Type.Integer({ minimum: 1, default: 50 }),
          /** Canaries of a kind before an alarm. */
          minimum: Type.Integer({ minimum: 1, default: 10 }),
          /** Share of a kind's canaries that may be solved. */
          maxSolved: Type.Number({ minimum: 0, maximum: 1, default: 0.1 }),
          /** `fail`: all further requests fail. */
          onAlarm: Type.Union([Type.Literal('warn'), Type.Literal('fail')], { default: 'warn' }),
        },
        { additionalProperties: false },
      ),
    ),
    /** Pictures with more pixels, width × height, are made smaller before they are sent: a context that is full would mask the sample for ever. */
    maxPixels: Type.Integer({ minimum: 1024, default: 2_097_152 }),
    /** Largest picture that is sent, encoded bytes. */
    maxImageBytes: Type.Integer({ minimum: 1, default: 20_971_520 }),
  }
}

/** What prompts depend on. */
export interface PromptOptions {
  /** Verdicts as JSON, or soft scores from the log-probabilities of yes and no. Default: verdict */
  readonly score?: 'verdict' | 'logprobs'
  readonly reasons: boolean
  readonly guidance?: string
  readonly planLimit: number
  readonly sees: readonly ('instruction' | 'reference')[]
}

/** What a {@link ChecklistAsker} depends on; the values of {@link checklistOptions} fit. */
export interface AskerOptions extends PromptOptions {
  readonly samples: number
  readonly margin: number
  readonly answerAttempts: number
  readonly canaries?: CanaryOptions
  readonly detail?: 'auto' | 'low' | 'high'
  readonly imageUuid?: boolean
  readonly maxImageBytes: number
  readonly maxPixels: number
}
