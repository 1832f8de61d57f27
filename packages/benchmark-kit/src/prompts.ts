import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readWhole } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** Prompt templates by name; `{instruction}` and other names in braces are filled in. */
export type Prompts = Readonly<Record<string, string>>

/**
 * Prompts of a benchmark, with those of a user's folder in place of the ones that they are named after: `consistency.md`
 * replaces `consistency`.
 *
 * @throws DdaError `DDA_BENCHMARK_PROMPTS` where the folder cannot be read, or has a prompt of another name
 */
export async function loadPrompts(own: Prompts, folder: string | undefined): Promise<Prompts> {
  if (folder === undefined) return own
  const names = await readdir(folder).catch((cause: unknown) => {
    throw errors.make('DDA_BENCHMARK_PROMPTS/folder', { folder }, { cause })
  })
  const given = await Promise.all(
    names
      .filter((file) => /\.(md|txt)$/.test(file))
      .map(async (file) => {
        const name = file.replace(/\.(md|txt)$/, '')
        if (!Object.hasOwn(own, name)) {
          throw errors.make('DDA_BENCHMARK_PROMPTS/name', {
            path: join(folder, file),
            names: Object.keys(own).join(', '),
          })
        }
        const path = join(folder, file)
        const text = await readWhole(path).catch((cause: unknown) => {
          throw errors.make('DDA_BENCHMARK_PROMPTS/file', { path, why: (cause as Error).message }, { cause })
        })
        return [name, text.toString('utf8').trim()] as const
      }),
  )
  return { ...own, ...Object.fromEntries(given) }
}

/**
 * Fills a prompt's names in braces. Braces that name nothing known stay, as in an example of JSON; what is filled in is not
 * looked at again.
 *
 * @throws RangeError where there is no prompt of this name
 */
export function fillPrompt(prompts: Prompts, name: string, values: Readonly<Record<string, string>>): string {
  const template = prompts[name]
  if (template === undefined) throw new RangeError(`no prompt ${name}`)
  return template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole)
}

/** Short name of the words of all prompts. */
export function promptsFingerprint(prompts: Prompts): string {
  return createHash('sha256').update(JSON.stringify(prompts)).digest('hex').slice(0, 12)
}
