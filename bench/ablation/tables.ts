import { mean } from '@dda-thinker/evaluation'
import { ARMS, REFERENCE, WORLDS } from './plan.ts'
import type { ArmResult, Difference, WorldResult } from './summary.ts'

/** The results as Markdown: a table a world and budget, each with what it says in words, and what is not measured. */
export function tables(results: readonly WorldResult[], rolloutsAStep: number): string {
  const parts = results.map((result) => [heading(result), table(result, rolloutsAStep), verdict(result)].join('\n\n'))
  return `${[...parts, missing(results)].join('\n\n')}\n`
}

function heading({ world, budget, base, samples, arms }: WorldResult): string {
  const seeds = Math.max(...arms.map(({ seeds: of }) => of.length))
  return (
    `**${world}**, ${budget}. ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} of ${samples} held-out tasks; ` +
    `the base policy solves ${percent(base.solved)} and passes ${percent(base.passed)} of the items.`
  )
}

function table({ arms }: WorldResult, rolloutsAStep: number): string {
  const head = ['reward', 'solved', 'by seed', 'items passed', `solved less ${REFERENCE}`, `items less ${REFERENCE}`]
  const rows = arms.map((arm) => [
    arm.arm,
    percent(mean(arm.solved)),
    arm.solved.map(percent).join(', '),
    percent(mean(arm.passed)),
    interval(arm.difference?.solved),
    interval(arm.difference?.passed),
    String(arm.steps * rolloutsAStep),
    String(Math.round(arm.editorCalls)),
  ])
  const columns = [...head, 'rollouts', 'Editor calls']
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function interval(difference: Difference | undefined): string {
  if (difference?.value === undefined) return '–'
  const { value, low = Number.NaN, high = Number.NaN } = difference
  return `${points(value)} [${points(low)}, ${points(high)}]`
}

/** What the table says, reward by reward, in words. */
export function verdict({ arms }: WorldResult): string {
  const said = (list: readonly ArmResult[], measure: 'solved' | 'passed', what: Difference['verdict']): string =>
    list
      .filter(({ difference }) => difference?.[measure].verdict === what)
      .map(({ arm }) => `\`${arm}\``)
      .join(', ')
  const compared = arms.filter(({ difference }) => difference !== undefined)
  if (compared.length === 0) return `Verdict: nothing to compare with \`${REFERENCE}\` yet.`
  const sentences = (['solved', 'passed'] as const).flatMap((measure) => {
    const what = measure === 'solved' ? 'In tasks solved' : 'In items passed'
    const parts = (['better', 'worse', 'no difference shown'] as const).flatMap((kind) => {
      const names = said(compared, measure, kind)
      if (names === '') return []
      return kind === 'no difference shown'
        ? `no difference shown for ${names}`
        : `${kind} than \`${REFERENCE}\`: ${names}`
    })
    return `${what}: ${parts.join('; ')}.`
  })
  const whole = arms.find(({ arm }) => arm === REFERENCE)
  const shares = compared.flatMap(({ arm, steps, editorCalls }) => {
    if (whole === undefined || steps !== whole.steps) return []
    const share = editorCalls / whole.editorCalls
    return share > 0.95 ? [] : [`\`${arm}\` buys ${share === 0 ? 'none' : percent(share)}`]
  })
  const calls = shares.length === 0 ? [] : [`Of the Editor calls of \`${REFERENCE}\` ${shares.join(', ')}.`]
  return `Verdict: ${[...sentences, ...calls].join(' ')}`
}

function missing(results: readonly WorldResult[]): string {
  const lines = Object.keys(WORLDS).flatMap((world) => {
    const arms = results.find((one) => one.world === world && one.budget === 'equal rollouts')?.arms ?? []
    const without = Object.keys(ARMS).filter((arm) => arms.every((one) => one.arm !== arm))
    if (without.length === 0) return []
    return `- ${world}: ${arms.length === 0 ? 'nothing of it' : without.map((arm) => `\`${arm}\``).join(', ')}`
  })
  return lines.length === 0 ? 'Every cell is measured.' : `Not yet measured:\n\n${lines.join('\n')}`
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}

function points(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`
}
