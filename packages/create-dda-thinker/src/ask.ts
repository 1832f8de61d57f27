import { basename, resolve } from 'node:path'
import { confirm, intro, isCancel, select, text } from '@clack/prompts'
import { TEMPLATES } from '@dda-thinker/scaffold'

export interface Answers {
  readonly dir: string
  readonly template: string
  readonly name: string | undefined
  readonly from: string | undefined
  readonly install: boolean
}

/**
 * Asks for what is not given; every prompt has a flag that answers it.
 *
 * @returns undefined where the user gave up
 */
export async function ask(given: Partial<Answers>, defaults: Answers): Promise<Answers | undefined> {
  intro('DDA-Thinker')
  const answers: Partial<Record<keyof Answers, string | boolean | undefined>> = { ...given }
  for (const [key, prompt] of Object.entries(PROMPTS)) {
    if (key in given) continue
    const answer = await prompt({ ...defaults, ...answers } as Answers)
    if (isCancel(answer)) return undefined
    answers[key as keyof Answers] = answer === '' ? undefined : answer
  }
  return { ...defaults, ...answers } as Answers
}

const PROMPTS = {
  template: ({ template }: Answers) =>
    select({
      message: 'What shall it be?',
      initialValue: template,
      options: Object.entries(TEMPLATES).map(([value, { summary }]) => ({ value, label: value, hint: summary })),
    }),
  dir: ({ dir }: Answers) => text({ message: 'In which folder?', defaultValue: dir, placeholder: dir }),
  name: ({ dir }: Answers) => {
    const name = basename(resolve(dir))
    return text({ message: 'Its name?', defaultValue: name, placeholder: name })
  },
  from: () =>
    text({
      message:
        'Where do the packages come from? A folder of tarballs, the URL of a registry, or nothing for that of npm.',
      defaultValue: '',
      placeholder: 'the registry of npm',
    }),
  install: () => confirm({ message: 'Run npm install?', initialValue: true }),
} as const satisfies Record<keyof Answers, (so: Answers) => Promise<string | boolean | symbol>>
