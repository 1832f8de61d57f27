import { ConfigInvalidError } from '../errors-config.ts'
import type { ProjectConfigInput } from '../schema/define-config.ts'
import { ProjectConfigSchema, type ProjectConfig } from '../schema/project-config.ts'
import { fromValue, toValue } from '../tree/tree.ts'
import { validateTree } from '../schema/validate.ts'

/**
 * A config from a program instead of a file: checked by the core's schema, with every default. Plugin options are checked
 * when the plugins are assembled. @throws ConfigInvalidError
 */
export function completeConfig(input: ProjectConfigInput): ProjectConfig {
  const tree = fromValue(input, { from: 'default', by: 'the program' })
  const checked = validateTree(tree, ProjectConfigSchema, 'DDA-Thinker', process.cwd())
  if (checked.problems.length > 0) throw new ConfigInvalidError(checked.problems)
  return toValue(checked.tree) as ProjectConfig
}
