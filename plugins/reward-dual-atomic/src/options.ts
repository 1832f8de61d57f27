import { Type, type Static } from '@dda-thinker/plugin-api'

/** How the scope scores become one number; the table is at `dualAtomic`. */
export type Combine = 'sum' | 'product' | 'min' | 'gated' | 'all-or-nothing'

const DEFAULTS = {
  weights: { cognitive: 0.45, visual: 0.45, format: 0.1 },
  combine: 'sum',
  threshold: 0.5,
  credit: 'terminal',
  preservation: { counts: 'item', ruined: 0.6 },
} as const

function weight(name: keyof (typeof DEFAULTS)['weights'], description: string) {
  return Type.Number({ minimum: 0, default: DEFAULTS.weights[name], description })
}

export const OPTIONS = Type.Object(
  {
    weights: Type.Object(
      {
        cognitive: weight('cognitive', 'Weight of the items asked of the plan.'),
        visual: weight('visual', 'Weight of the items asked of the edited image.'),
        format: weight('format', 'Weight of a plan that keeps to its format.'),
      },
      {
        additionalProperties: false,
        default: DEFAULTS.weights,
        description: 'Taken as they are, not normalised. A scope of weight 0 does not count.',
      },
    ),
    combine: Type.Enum(['sum', 'product', 'min', 'gated', 'all-or-nothing'], {
      default: DEFAULTS.combine,
      description: 'How the scope scores become one number.',
    }),
    threshold: Type.Number({
      minimum: 0,
      maximum: 1,
      default: DEFAULTS.threshold,
      description: 'For `gated`: the cognitive score from which on the visual one counts.',
    }),
    credit: Type.Enum(['terminal', 'clause'], {
      default: DEFAULTS.credit,
      description:
        'Where contributions are credited: at the end of the plan, or at the clause that an item asks about.',
    }),
    preservation: Type.Object(
      {
        counts: Type.Enum(['item', 'multiplier'], {
          default: DEFAULTS.preservation.counts,
          description:
            'How items about what stays as it is count: as any item, or as a multiplier of what the changes earn, so that ' +
            'doing nothing earns nothing.',
        }),
        ruined: Type.Number({
          minimum: 0,
          maximum: 1,
          default: DEFAULTS.preservation.ruined,
          description: 'The multiplier where nothing was preserved; it is 1 where everything was.',
        }),
      },
      { additionalProperties: false, default: DEFAULTS.preservation, description: 'How preservation items count.' },
    ),
  },
  { additionalProperties: false },
)

export type DualAtomicOptions = Static<typeof OPTIONS>

/** Options as an author writes them: everything may be left out. */
export interface DualAtomicInput {
  readonly weights?: Partial<DualAtomicOptions['weights']>
  readonly combine?: Combine
  readonly threshold?: number
  readonly credit?: 'terminal' | 'clause'
  readonly preservation?: Partial<DualAtomicOptions['preservation']>
}

/** Fills in the defaults of {@link OPTIONS}. */
export function withDefaults(input: DualAtomicInput): DualAtomicOptions {
  return {
    ...DEFAULTS,
    ...input,
    weights: { ...DEFAULTS.weights, ...input.weights },
    preservation: { ...DEFAULTS.preservation, ...input.preservation },
  }
}
