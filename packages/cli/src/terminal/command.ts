import type { Context, Outcome } from './output.ts'

/** An option of a command, in commander's notation. */
export interface OptionSpec {
  readonly flags: string
  readonly description: string
  /** Shown in help; the command itself applies it. */
  readonly default?: string
  readonly choices?: readonly string[]
  /** May be given several times; the command gets a list. */
  readonly repeatable?: boolean
  /** The command gets a number; anything else is a usage error. */
  readonly type?: 'integer' | 'number'
  /** Of a number. Default: 0. */
  readonly least?: number
  readonly most?: number
  readonly hidden?: boolean
}

export interface ArgumentSpec {
  readonly name: string
  readonly description: string
}

export type OptionValue = string | number | boolean | readonly string[] | undefined
export type OptionValues = Readonly<Record<string, OptionValue>>

/** One sub-command. Its module imports nothing heavy; `run` imports what it needs. */
export interface CommandSpec {
  /** `eval`, or `config print` for a sub-command of a sub-command. */
  readonly name: string
  readonly summary: string
  /** More for its own help. */
  readonly details?: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  /** What its group does when called by itself. */
  readonly isDefault?: boolean
  /** Works on a run that the same command continues. */
  readonly continues?: boolean
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [command: string, what: string])[]
  run(context: Context, args: readonly string[], options: OptionValues): Promise<Outcome>
}

export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

export function number(options: OptionValues, name: string): number | undefined {
  const value = options[name]
  return typeof value === 'number' ? value : undefined
}

export function list(options: OptionValues, name: string): readonly string[] {
  const value = options[name]
  return Array.isArray(value) ? (value as readonly string[]) : []
}

export function flag(options: OptionValues, name: string): boolean {
  return options[name] === true
}
