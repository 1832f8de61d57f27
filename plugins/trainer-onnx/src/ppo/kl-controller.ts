export type KlControl =
  | { readonly kind: 'fixed'; readonly coefficient: number }
  | {
      readonly kind: 'adaptive'
      /** Coefficient at the start; 0.2 in Ziegler et al. */
      readonly initial: number
      /** KL aimed at, in nats, in the unit that is observed (verl: mean over tokens or sum over a sequence). */
      readonly target: number
      /** Rollouts over which a full error changes the coefficient by a factor of about e^0.2. */
      readonly horizon: number
    }

export interface KlState {
  readonly coefficient: number
}

/** Errors beyond this fraction of the target count as this much. */
const ERROR_LIMIT = 0.2

/** The KL coefficient: fixed, or steered towards a target (Ziegler et al. 2019, section 2.2). */
export class KlController {
  private readonly control: KlControl
  private current: number

  constructor(control: KlControl) {
    this.control = control
    this.current = control.kind === 'fixed' ? control.coefficient : control.initial
  }

  get coefficient(): number {
    return this.current
  }

  /** Takes the KL that a step of `rollouts` rollouts showed; call it once a step. */
  observe(kl: number, rollouts: number): void {
    if (this.control.kind === 'fixed') return
    const { target, horizon } = this.control
    const error = Math.min(Math.max(kl / target - 1, -ERROR_LIMIT), ERROR_LIMIT)
    this.current *= 1 + (error * rollouts) / horizon
  }

  exportState(): KlState {
    return { coefficient: this.current }
  }

  importState(state: KlState): void {
    this.current = state.coefficient
  }
}
