import { DdaError } from '@dda-thinker/plugin-api'

export interface Template {
  readonly kind: 'project' | 'plugin'
  readonly summary: string
  /** Folders of `templates/`, laid over each other in this order. */
  readonly layers: readonly string[]
  /** What to type after the packages are installed. */
  readonly next: readonly string[]
}

export const TEMPLATES = {
  project: {
    kind: 'project',
    summary: 'the embedded world: its Editor, judges and trainer; no GPU, no key',
    layers: ['shared', 'project'],
    next: ['npx dda synthesize && npx dda curate && npx dda train && npx dda eval && npx dda report'],
  },
} as const satisfies Readonly<Record<string, Template>>

export type TemplateName = keyof typeof TEMPLATES

/** @throws DdaError `DDA_INIT_TEMPLATE` that lists the known ones */
export function findTemplate(name: string): Template {
  if (Object.hasOwn(TEMPLATES, name)) return TEMPLATES[name as TemplateName]
  throw new DdaError('DDA_INIT_TEMPLATE', `There is no template \`${name}\`.`, {
    next: `Use one of: ${Object.keys(TEMPLATES).join(', ')}.`,
  })
}

/** A name that npm takes, from one that a person has given. */
export function packageName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')
  return plain.replaceAll(/^-+|-+$/g, '') || 'project'
}
