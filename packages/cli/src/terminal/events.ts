import type { RunEvents, Work } from '@dda-thinker/runs'
import type { Context } from './output.ts'
import type { Progress } from './progress.ts'
import { Rate } from './rate.ts'
import { percent } from './table.ts'
import { callsText, paceText } from './work-text.ts'

const TITLES = {
  synthesize: ['Synthesising', 'samples'],
  checklist: ['Writing checklists', 'samples'],
  curate: ['Curating', 'samples'],
  train: ['Training', 'steps'],
  imitate: ['Imitating', 'steps'],
  evaluate: ['Evaluating', 'rollouts'],
  benchmark: ['Editing', 'items'],
  serve: ['Serving', 'requests'],
  judge: ['Judging', 'answers'],
} as const

/** Shows a run's events on the progress block. */
export function showProgress(context: Context, progress: Progress): RunEvents {
  let task: keyof typeof TITLES = 'train'
  let masked = 0
  let learned = ''
  let work: () => Work = () => ({ calls: [] })
  const rollouts = new Rate()
  const others = new Rate()
  const rewards = new RunningMean()
  let [decided, tried] = [0, 0]
  progress.watch(() => {
    const now = work()
    const rolled = rollouts.value()
    const [rate, unit] = rolled === undefined ? [others.value(), TITLES[task][1]] : [rolled, 'rollouts']
    const calls = callsText(now)
    return { lines: [paceText(rate, unit, now), calls], busy: calls !== '' }
  })
  const told = (...facts: (string | undefined)[]) =>
    facts.filter((fact) => fact !== undefined && fact !== '').join(', ')
  return {
    onWork: (now) => (work = now),
    onStart: (event) => {
      task = event.task
      for (const rate of [rollouts, others]) rate.start()
      const [title, unit] = TITLES[task]
      if (event.resumedFrom !== undefined) progress.line(`Continuing from the checkpoint of step ${event.resumedFrom}.`)
      progress.start(title, unit, event.total, event.done)
    },
    onSample: ({ done }) => {
      others.add()
      progress.update(done)
    },
    // A curator that orders decides on nothing before it has tried everything.
    onTrial: ({ rollout }) => {
      rollouts.add()
      tried += 1
      if (rollout.outcome.kind === 'masked') masked += 1
      progress.update(decided, told(`${tried} rollouts tried`, `${masked} masked`))
    },
    onDecision: ({ done, decision }) => {
      others.add()
      decided = done
      const { difficulty } = decision.sample
      progress.update(
        done,
        difficulty === undefined ? undefined : `last: ${percent(difficulty.solved)} of its rollouts solved`,
      )
    },
    onRollout: ({ step, rollout, done, total, thinker }) => {
      rollouts.add()
      if (rollout.outcome.kind === 'masked') masked += 1
      else if (rollout.reward !== undefined) rewards.add(rollout.reward.total)
      const reward = labelled('reward', rewards.text())
      if (task === 'train') {
        const under = told(`step ${step}: ${done}/${total} rollouts`, reward)
        progress.update(step - 1 + done / total, [under, learned].join('\n'))
      } else progress.update(done, told(thinker, reward, `${masked} masked`))
    },
    onAnswer: ({ done, thinker }) => {
      others.add()
      progress.update(done, thinker)
    },
    onStep: ({ step, metrics, counts, edits }) => {
      if (task === 'imitate') others.add()
      rewards.clear()
      const number = (name: string, digits = 2) => {
        const value = metrics[name]
        return value === undefined ? undefined : value.toFixed(digits)
      }
      const facts = [
        labelled('reward', number('reward/mean')),
        labelled('solved', metrics['solved'] === undefined ? undefined : percent(metrics['solved'])),
        labelled('loss', task === 'imitate' ? (number('imitation/loss', 3) ?? number('policy/loss', 3)) : undefined),
        labelled('entropy', number('policy/entropy')),
        metrics['groups/drawn'] === undefined
          ? undefined
          : `${metrics['groups/kept'] ?? 0} of ${metrics['groups/drawn']} groups with signal`,
        counts.masked > 0 ? `${counts.masked} masked` : undefined,
        task === 'train' ? `${edits.bought} edits bought, ${edits.reused} reused` : undefined,
      ]
      learned = `last step: ${told(...facts)}`
      progress.update(step, told(...facts))
    },
    onWarning: (message) => {
      progress.aside(() => context.warn(message))
    },
  }
}

/** Of the rollouts so far, of a step or of an evaluation. */
class RunningMean {
  #sum = 0
  #count = 0

  add(value: number): void {
    this.#sum += value
    this.#count += 1
  }

  clear(): void {
    this.#sum = this.#count = 0
  }

  text(): string | undefined {
    return this.#count === 0 ? undefined : (this.#sum / this.#count).toFixed(2)
  }
}

function labelled(label: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${label} ${value}`
}
