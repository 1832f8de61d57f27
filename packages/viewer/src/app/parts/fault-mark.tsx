import { FAULTS } from '../../columns/run-columns.ts'

interface FaultMarkProps {
  /** Place in `FAULTS`. */
  readonly fault: number
  /** Where there is little room: an image that is wrong is one of a plan that is right. */
  readonly short?: boolean
}

const TONES: Readonly<Record<(typeof FAULTS)[number], string>> = {
  solved: 'good',
  'plan wrong': 'bad',
  'plan right, image wrong': 'bad',
  'not attributed': 'plain',
  'plan failed': 'odd',
  'edit failed': 'odd',
  'judge failed': 'odd',
  'reward failed': 'odd',
  'not scored': 'plain',
}

/** Who failed, in words. */
export function FaultMark({ fault, short = false }: FaultMarkProps) {
  const name = FAULTS[fault] ?? 'not scored'
  return <span class={`mark ${TONES[name]}`}>{short ? name.replace('plan right, ', '') : name}</span>
}
