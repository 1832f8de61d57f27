import type { PluginKind } from '@dda-thinker/plugin-api'
import type { MissingPackage } from '../errors-plugin.ts'
import { firstPartyPackage } from './first-party.ts'
import { installCommand } from './install-command.ts'

/** What a name of ours that was found nowhere stands for, and how to get it; undefined: it is none of ours. */
export function missingPackage(kind: PluginKind | 'preset', use: string, dir: string): MissingPackage | undefined {
  const name = firstPartyPackage(kind, use)
  if (name === undefined) return undefined
  const { command, folder } = installCommand(dir, [name])
  return { use, kind, name, command, folder }
}
