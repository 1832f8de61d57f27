import { relative } from 'node:path'
import { EDITOR, JUDGES, REWARD } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import type { ProjectConfig } from '@dda-thinker/config'
import type { Task } from './events.ts'
import { gitState } from './git-state.ts'
import { hasPolicy, policyOf } from './policy-of.ts'
import type { RunManifest } from './run-dir.ts'

/** The manifest of a run that begins now. The roles must be open: some know their fingerprint only then. */
export async function makeManifest(
  assembly: Assembly,
  task: Task,
  options: Readonly<Record<string, unknown>>,
  data: { readonly file: string; readonly sha256: string; readonly samples: { readonly length: number } },
  printable: ProjectConfig | undefined,
  root: string,
  /** Fingerprint of the Editor where it is not the assembly's. */
  editor?: string,
): Promise<RunManifest> {
  const git = await gitState(root)
  return {
    format: 1,
    task,
    created: new Date().toISOString(),
    seed: assembly.config.seed,
    config: printable ?? assembly.config,
    options,
    plugins: assembly.plugins.map(({ kind, name, version, path }) => ({
      kind,
      name,
      ...(version === undefined ? {} : { version }),
      path,
    })),
    fingerprints: fingerprints(assembly, task, editor),
    ...(task === 'imitate' ? {} : { sights: sights(assembly) }),
    data: { file: data.file, sha256: data.sha256, samples: data.samples.length },
    node: process.version,
    ...(git === undefined ? {} : { git }),
  }
}

/** The checkpoint that a run begins with, relative to the project: one that is moved as a whole can be continued. */
export function initOption(root: string, initFrom: string | undefined): { readonly initFrom?: string } {
  return initFrom === undefined ? {} : { initFrom: relative(root, initFrom).replaceAll('\\', '/') }
}

/** By fingerprint, what each judge is shown of a sample. */
function sights(assembly: Assembly): NonNullable<RunManifest['sights']> {
  return Object.fromEntries(assembly.all(JUDGES).map(({ fingerprint, sees = [] }) => [fingerprint, sees]))
}

/** Of the roles that a task's results depend on. A supervised step sees neither Editor nor judge. */
function fingerprints(
  assembly: Assembly,
  task: Task,
  editor: string | undefined,
): Record<string, string | readonly string[]> {
  const found: Record<string, string | readonly string[]> = {}
  if (task !== 'imitate') {
    if (editor !== undefined) found['editor'] = editor
    else if (assembly.has(EDITOR)) found['editor'] = assembly.resolve(EDITOR).fingerprint
    if (assembly.has(REWARD)) found['reward'] = assembly.resolve(REWARD).fingerprint
    found['judge'] = assembly.all(JUDGES).map((judge) => judge.fingerprint)
  }
  if (!['evaluate', 'benchmark', 'serve'].includes(task) && hasPolicy(assembly))
    found['trainer'] = policyOf(assembly).fingerprint
  return found
}
