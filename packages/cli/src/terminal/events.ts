import type { RunEvents } from '@dda-thinker/runs'
import type { Context } from './output.ts'
import type { Progress } from './progress.ts'
import { percent } from './table.ts'

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
  return {
    onStart: (event) => {
      task = event.task
      const [title, unit] = TITLES[task]
      if (event.resumedFrom !== undefined) progress.line(`Continuing from the checkpoint of step ${event.resumedFrom}.`)
      progress.start(title, unit, event.total, event.done)
    },
    onSample: ({ done }) => progress.update(done),
    onDecision: ({ done, decision }) => {
      const { difficulty } = decision.sample
      progress.update(
        done,
        difficulty === undefined ? undefined : `last: ${percent(difficulty.solved)} of its rollouts solved`,
      )
    },
    onRollout: ({ rollout, done, thinker }) => {
      if (rollout.outcome.kind === 'masked') masked += 1
      if (task === 'evaluate' || task === 'benchmark') progress.update(done, `${thinker ?? ''}, ${masked} masked`)
    },
    onAnswer: ({ done, thinker }) => progress.update(done, thinker),
    onStep: ({ step, metrics, counts, edits }) => {
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
      progress.update(step, facts.filter((fact) => fact !== undefined).join(', '))
    },
    onWarning: (message) => {
      progress.finish()
      context.warn(message)
    },
  }
}

function labelled(label: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${label} ${value}`
}
