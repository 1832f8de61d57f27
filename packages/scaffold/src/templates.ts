import { errors } from './errors.ts'

export interface Template {
  readonly kind: 'project' | 'plugin'
  readonly summary: string
  /** Folders of `templates/`, laid over each other in this order. */
  readonly layers: readonly string[]
  /** What to type after the packages are installed. */
  readonly next: readonly string[]
}

const project = (layer: string, summary: string, next: readonly string[]): Template => ({
  kind: 'project',
  summary,
  layers: ['shared', 'project-checks', layer],
  next,
})

const plugin = (role: string, summary: string): Template => ({
  kind: 'plugin',
  summary,
  layers: ['shared', 'plugin', `plugin-${role}`],
  next: ['npm test', 'npm run example'],
})

export const TEMPLATES = {
  project: project('project', 'the embedded world: its Editor, judges and trainer; no GPU, no key', ['npm run all']),
  lab: project('lab', 'your own servers: an Editor and a VLM that judges and plans', [
    'npm run check',
    'npm run doctor',
  ]),
  paper: project('paper', 'the setting of the paper: Qwen3-VL under Qwen-Image-Edit, GRPO on a GPU, RISE and KRIS', [
    'npm run check',
  ]),
  'plugin-reward': plugin('reward', 'a reward of your own'),
  'plugin-editor': plugin('editor', 'an Editor of your own'),
  'plugin-judge': plugin('judge', 'a judge of your own'),
  'plugin-synthesizer': plugin('synthesizer', 'samples of your own'),
  'plugin-hook': plugin('hook', 'an observer or transformer of what stages make'),
} as const satisfies Readonly<Record<string, Template>>

export type TemplateName = keyof typeof TEMPLATES

/** @throws DdaError `DDA_INIT_TEMPLATE` that lists the known ones */
export function findTemplate(name: string): Template {
  if (Object.hasOwn(TEMPLATES, name)) return TEMPLATES[name as TemplateName]
  throw errors.make('DDA_INIT_TEMPLATE/name', { name, templates: Object.keys(TEMPLATES).join(', ') })
}

/** A name that npm takes, from one that a person has given. */
export function packageName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')
  return plain.replaceAll(/^-+|-+$/g, '') || 'project'
}
