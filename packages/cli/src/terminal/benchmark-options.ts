import { errors } from '../errors.ts'
import { text, type OptionSpec, type OptionValues } from './command.ts'

/** Options of commands that become options of the benchmark's plugin, which says whether it has them. */
export const RULE_OPTIONS: readonly OptionSpec[] = [
  { flags: '--rules <version>', description: 'Version of the rules, where the benchmark has several.' },
  { flags: '--score <variant>', description: 'Variant of the score, where the benchmark has several.' },
  { flags: '--mean <how>', description: 'How scores are averaged, where the benchmark has several ways.' },
  { flags: '--denominator <which>', description: 'What accuracy is divided by, where the benchmark has several ways.' },
  {
    flags: '--unusable <how>',
    description: 'What an answer of no use counts as, where the benchmark has several ways.',
  },
  { flags: '--parser <name>', description: 'How the judge’s answers are read: official or strict.' },
  { flags: '--prompts <folder>', description: 'Prompts in place of the benchmark’s own.' },
]

const NAMES = ['rules', 'score', 'mean', 'denominator', 'unusable', 'parser', 'prompts'] as const

/** The block of a benchmark's plugin, with what the command line says of its rules. */
export function benchmarkBlock(use: string, options: OptionValues): { readonly use: string } & Record<string, string> {
  const given = NAMES.flatMap((name) => {
    const value = text(options, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { use, ...Object.fromEntries(given) }
}

/** @throws DdaError `DDA_USAGE_OPTION` */
export function needed(options: OptionValues, name: string, what: string): string {
  const value = text(options, name)
  if (value !== undefined) return value
  throw errors.make('DDA_USAGE_OPTION', { name, what })
}
