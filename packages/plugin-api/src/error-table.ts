import { DdaError } from './dda-error.ts'
import type { DdaErrorDetails, ErrorExit } from './dda-error.ts'

/** What an error says. `{name}` in a text is a hole, filled in where the error is made. */
export interface ErrorRow {
  /** What happened: a clause without a full stop. */
  readonly message: string
  /** What the reader should do next: one sentence. */
  readonly next?: string
  /** What a command that this error ends exits with. Default `failure`. */
  readonly exit?: ErrorExit
}

/** The page that explains each error of DDA-Thinker and the plugins that come with it. */
export const ERRORS_PAGE = 'https://github.com/dda-thinker/dda-thinker/blob/main/docs/reference/errors.md'

/** A code, or a code with the name of a case where one code says several things: `DDA_PICTURE_BAD/truncated`. */
export type ErrorKey = `DDA_${string}`

type CodeOf<Key extends ErrorKey> = Key extends `${infer Code}/${string}` ? Code : Key
type TextsOf<Row extends ErrorRow> = Row extends { readonly next: infer Next extends string }
  ? Row['message'] | Next
  : Row['message']
type HolesOf<Text extends string> = Text extends `${string}{${infer Inside}}${infer Rest}`
  ? NameOf<Inside> | HolesOf<Rest>
  : never
/** Braces around anything but a name are text, as in `{ use: ... }`. */
type NameOf<Inside extends string> = Inside extends `${string}{${infer Inner}`
  ? NameOf<Inner>
  : Inside extends `${string}${' ' | '"' | '.' | ':'}${string}`
    ? never
    : Inside

/** What fills the holes of a row: nothing where its texts have none. */
export type ErrorHoles<Row extends ErrorRow> =
  HolesOf<TextsOf<Row>> extends never
    ? Readonly<Record<string, never>>
    : Readonly<Record<HolesOf<TextsOf<Row>>, string | number>>

type Filling<Row extends ErrorRow> =
  HolesOf<TextsOf<Row>> extends never
    ? [holes?: ErrorHoles<Row>, details?: ErrorRowDetails]
    : [holes: ErrorHoles<Row>, details?: ErrorRowDetails]

/** What a row says once its holes are filled. */
export interface ErrorTexts {
  /** Without the case. */
  readonly code: ErrorKey
  /** What happened. */
  readonly message: string
  /** What the reader should do next. */
  readonly next?: string
  /** What a command that it ends exits with. */
  readonly exit: ErrorExit
  /** Address of the page that explains the code. */
  readonly page?: string
}

/** What an error carries beside its row: everything of {@link DdaErrorDetails} that the row does not say. */
export type ErrorRowDetails = Omit<DdaErrorDetails, 'next' | 'exit' | 'page'>

/** What all errors of a table have in common. */
export interface ErrorTableOptions {
  /** Page on which the codes of the table are explained; each error links its heading there. Default: no link. */
  readonly page?: string
}

/** The errors of one package: what can be thrown, and the one way to make it. */
export interface ErrorTable<Rows extends Readonly<Record<ErrorKey, ErrorRow>>> {
  /** The table as it was given. */
  readonly rows: Rows
  /**
   * Makes the error of a row; throw it.
   *
   * @param key a key of the table; the error's code is the part before a slash.
   * @param filling values of the holes of message and next step, then details.
   */
  make<Key extends keyof Rows & ErrorKey>(key: Key, ...filling: Filling<Rows[Key]>): DdaError
  /** What {@link ErrorTable.make} would say, for who makes an error of a class of its own. */
  texts<Key extends keyof Rows & ErrorKey>(key: Key, holes: ErrorHoles<Rows[Key]>): ErrorTexts
  /**
   * Makes an error whose texts another process has written: exit status and page are those of the table.
   *
   * @returns undefined where the table has no row of that code.
   */
  restore(code: string, message: string, details?: Omit<DdaErrorDetails, 'exit' | 'page'>): DdaError | undefined
}

/**
 * Makes the table of errors of a package. Every code, message, next step and exit status stands there once; types hold
 * throwing code to its keys and holes, and the reference of errors is printed from it.
 *
 * @example
 * export const errors = errorTable({
 *   DDA_TOO_MANY_IMAGES: {
 *     message: 'The sample has {count} images; the Editor takes {max}',
 *     next: 'Leave such samples out, or choose an Editor that takes more images.',
 *   },
 * })
 * throw errors.make('DDA_TOO_MANY_IMAGES', { count: 3, max: 1 }, { kind: 'bad-input' })
 */
export function errorTable<const Rows extends Readonly<Record<ErrorKey, ErrorRow>>>(
  rows: Rows,
  options: ErrorTableOptions = {},
): ErrorTable<Rows> {
  const textsOf = (key: ErrorKey, holes: Readonly<Record<string, string | number>>): ErrorTexts => {
    // A key from plain JavaScript may be none; the error must still say what it was about.
    const row = rowOf(rows, key) ?? { message: `An error without a row in its table: ${key}` }
    const code = errorCode(key)
    return {
      code,
      message: fill(row.message, holes),
      ...(row.next === undefined ? {} : { next: fill(row.next, holes) }),
      exit: row.exit ?? 'failure',
      ...(options.page === undefined ? {} : { page: `${options.page}#${code.toLowerCase()}` }),
    }
  }
  return {
    rows,
    texts: textsOf,
    make(key, ...[holes = {}, details = {}]) {
      const { code, message, ...said } = textsOf(key, holes)
      return new DdaError(code, message, { ...details, ...said })
    },
    restore(code, message, details = {}) {
      const key = Object.keys(rows).find((known): known is ErrorKey => errorCode(known as ErrorKey) === code)
      if (key === undefined) return undefined
      const { exit, page } = textsOf(key, {})
      return new DdaError(errorCode(key), message, { ...details, exit, ...(page === undefined ? {} : { page }) })
    },
  }
}

function rowOf(rows: Readonly<Record<ErrorKey, ErrorRow>>, key: ErrorKey): ErrorRow | undefined {
  return Object.hasOwn(rows, key) ? rows[key] : undefined
}

/** The code of a key of a table. */
export function errorCode<Key extends ErrorKey>(key: Key): CodeOf<Key> {
  const slash = key.indexOf('/')
  return (slash < 0 ? key : key.slice(0, slash)) as CodeOf<Key>
}

function fill(text: string, holes: Readonly<Record<string, string | number>>): string {
  // One pass: what is filled in may itself hold braces and is never filled again.
  return text.replaceAll(/\{(\w+)\}/g, (hole, name: string) =>
    Object.hasOwn(holes, name) ? String(holes[name]) : hole,
  )
}
