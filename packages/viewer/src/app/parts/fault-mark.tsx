import { FAULTS } from '../../columns/run-columns.ts'

/** Who failed, in words. @param fault place in `FAULTS` */
export function FaultMark({ fault }: { readonly fault: number }) {
  const tone = fault === 0 ? 'good' : fault >= 4 ? 'odd' : fault === 3 ? 'plain' : 'bad'
  return <span class={`mark ${tone}`}>{FAULTS[fault]}</span>
}
