import { FAULTS } from '../../columns/run-columns.ts'

interface FaultMarkProps {
  /** Place in `FAULTS`. */
  readonly fault: number
  /** Where there is little room: an image that is wrong is one of a plan that is right. */
  readonly short?: boolean
}

/** Who failed, in words. */
export function FaultMark({ fault, short = false }: FaultMarkProps) {
  const tone = fault === 0 ? 'good' : fault >= 4 ? 'odd' : fault === 3 ? 'plain' : 'bad'
  return <span class={`mark ${tone}`}>{short ? FAULTS[fault]?.replace('plan right, ', '') : FAULTS[fault]}</span>
}
