import { resolve } from 'node:path'
import type { OptionSpec, OptionValues } from '../terminal/command.ts'
import { flag, list, number, text } from '../terminal/command.ts'
import { errors } from '../errors.ts'

/** More than any file has: all rows are wanted. */
const ALL = 1_000_000_000

/** How rows of files become samples; the options of synthesizer-dataset. */
export const ROW_OPTIONS: readonly OptionSpec[] = [
  { flags: '--format <name>', description: 'Whose files these are; `columns` goes by names of columns alone.' },
  {
    flags: '--column <role=name>',
    description:
      'Which column holds what, for example `instruction=prompt` or `referenceImage=after`. May be given several times.',
    repeatable: true,
  },
  { flags: '--image-root <folder>', description: 'Where paths of pictures start. Default: the folder of the file.' },
  {
    flags: '--held-out <share>',
    description: 'Share of source pictures held out where rows do not say it, from 0 to 1.',
    type: 'number',
  },
  { flags: '--urls', description: 'Fetch pictures that rows name by URL.' },
]

/** The configuration's values that make these files its only samples. */
export function rowSettings(cwd: string, files: readonly string[], options: OptionValues): readonly string[] {
  const columns = Object.fromEntries(list(options, 'column').map(columnOf))
  const [format, root, heldOut] = [text(options, 'format'), text(options, 'imageRoot'), number(options, 'heldOut')]
  const block = {
    use: 'dataset',
    path: files.map((file) => resolve(cwd, file)),
    ...(format === undefined ? {} : { format }),
    ...(Object.keys(columns).length === 0 ? {} : { columns }),
    ...(root === undefined ? {} : { imageRoot: resolve(cwd, root) }),
    ...(heldOut === undefined ? {} : { heldOut }),
    ...(flag(options, 'urls') ? { urls: true } : {}),
  }
  // JSON is YAML.
  const count = { train: ALL, 'held-out': ALL }
  return [`synthesizer=${JSON.stringify([block])}`, `synthesize=${JSON.stringify({ count })}`]
}

function columnOf(given: string): readonly [string, string] {
  const at = given.indexOf('=')
  if (at > 0 && at < given.length - 1) return [given.slice(0, at), given.slice(at + 1)]
  throw errors.make('DDA_USAGE_OPTION/column', { given })
}
