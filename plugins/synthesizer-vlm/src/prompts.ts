import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { readWhole } from '@dda-thinker/plugin-api'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sanitiseText } from '@dda-thinker/plan-text'
import { badFile } from './bad-input.ts'

/** The words that a prompt must hold in braces, by the prompt's name: without them the model would not know what is asked. */
const HOLES = {
  scene: ['category', 'subtask', 'definition'],
  propose: ['category', 'subtask', 'definition'],
  reference: ['instruction'],
  checklist: ['instruction', 'reference'],
  'check-source': ['questions'],
  'check-instruction': ['instruction', 'questions'],
  'check-reference': ['reference', 'questions'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type PromptName = keyof typeof HOLES

const NAMES = Object.keys(HOLES) as readonly PromptName[]
const OWN = fileURLToPath(new URL('../prompts/', import.meta.url))

/** A prompt's words and what they are known by. */
export interface Prompt {
  readonly text: string
  /** Short name of the words. */
  readonly version: string
}

export type Prompts = Readonly<Record<PromptName, Prompt>>

/** The plugin's prompts, with those of a user's folder in place of the ones of the same name. @throws DdaError `DDA_SYNTHESIS_PROMPTS` */
export async function loadPrompts(folder?: string): Promise<Prompts> {
  const given = new Set(folder === undefined ? [] : await namesIn(folder))
  const pairs = await Promise.all(
    NAMES.map(async (name) => {
      const file = join(folder !== undefined && given.has(name) ? folder : OWN, `${name}.md`)
      const text = (
        await readWhole(file).then(String, (cause: unknown) => {
          throw badFile('prompts', file, 'it cannot be read', cause)
        })
      ).trim()
      const missing = HOLES[name].find((hole) => !text.includes(`{${hole}}`))
      if (missing !== undefined) throw badFile('prompts', file, `it nowhere holds {${missing}}`)
      return [name, { text, version: createHash('sha256').update(text).digest('hex').slice(0, 12) }] as const
    }),
  )
  return Object.fromEntries(pairs) as Record<PromptName, Prompt>
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw badFile('prompts', folder, 'the folder cannot be read', cause)
  })
  const names = files.filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -3))
  const stray = names.find((name) => !(NAMES as readonly string[]).includes(name))
  if (stray !== undefined) {
    throw badFile('prompts', join(folder, `${stray}.md`), `it replaces no prompt; they are ${NAMES.join(', ')}`)
  }
  return names
}

/** Fills a prompt in. Values are data: nothing in them closes a marker, and they are not looked into for braces again. */
export function fill({ text }: Prompt, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => {
    const value = values[key]
    return value === undefined ? whole : sanitiseText(value)
  })
}
