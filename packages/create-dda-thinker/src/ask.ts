import { basename, resolve } from 'node:path'
import { cancel, confirm, intro, isCancel, log, select, text } from '@clack/prompts'
import { isDdaError } from '@dda-thinker/plugin-api'
import { findTemplate, openPackageSource, requireEmpty, TEMPLATES, version } from '@dda-thinker/scaffold'

export interface Answers {
  readonly dir: string
  readonly template: string
  readonly name: string | undefined
  readonly from: string | undefined
  readonly install: boolean
}

/**
 * Asks for what is not given; every prompt has a flag that answers it. An answer that cannot be is told, and asked for again.
 *
 * @param force the folder may hold something
 * @returns undefined where the user gave up
 * @throws DdaError those of `scaffold`, where what is given cannot be
 */
export async function ask(given: Partial<Answers>, defaults: Answers, force: boolean): Promise<Answers | undefined> {
  let answers: Answers = { ...defaults, ...given }
  for (const key of Object.keys(given)) await CHECKS[key as keyof Answers]?.(answers, force)
  intro('DDA-Thinker')
  for (const [key, prompt] of Object.entries(PROMPTS)) {
    if (key in given) continue
    for (let sound = false; !sound;) {
      const answer = await prompt(answers)
      if (isCancel(answer)) {
        cancel('Given up; nothing was written.')
        return undefined
      }
      const now: Answers = { ...answers, [key]: answer === '' ? undefined : answer }
      sound = await tellsNoFault(() => CHECKS[key as keyof Answers]?.(now, force))
      if (sound) answers = now
    }
  }
  return answers
}

async function tellsNoFault(check: () => Promise<unknown> | undefined): Promise<boolean> {
  try {
    await check()
    return true
  } catch (error) {
    if (!isDdaError(error)) throw error
    log.error(`${error.message}\n${error.next ?? ''}`)
    return false
  }
}

const CHECKS: Partial<Record<keyof Answers, (so: Answers, force: boolean) => Promise<unknown>>> = {
  template: async ({ template }) => findTemplate(template),
  dir: ({ dir }, force) => requireEmpty({ dir: resolve(dir), force }),
  from: ({ from, dir }) => openPackageSource(from, version(), resolve(dir)),
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
