import { figure } from './words.ts'

interface SparklineProps {
  readonly points: readonly { readonly step: number; readonly reward: number }[]
  /** Step that is marked. */
  readonly at: number
}

const SIZE = { width: 200, height: 36 }

/** The rewards of one prompt through training, as small as a word. */
export function Sparkline({ points, at }: SparklineProps) {
  if (points.length === 0) return null
  const [first, last] = [points[0]?.step ?? 0, points.at(-1)?.step ?? 0]
  const rewards = points.map(({ reward }) => reward)
  const [least, most] = [Math.min(0, ...rewards), Math.max(1, ...rewards)]
  const x = (step: number) => 3 + ((step - first) / Math.max(1, last - first)) * (SIZE.width - 6)
  const y = (reward: number) => 3 + (1 - (reward - least) / (most - least)) * (SIZE.height - 6)
  const marked = points.find(({ step }) => step === at)
  return (
    <svg
      class="sparkline"
      role="img"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      aria-label={`Rewards from ${figure(rewards[0])} to ${figure(rewards.at(-1))}`}
    >
      <polyline points={points.map(({ step, reward }) => `${x(step)},${y(reward)}`).join(' ')} />
      {marked !== undefined && <circle cx={x(marked.step)} cy={y(marked.reward)} r="3" />}
    </svg>
  )
}
