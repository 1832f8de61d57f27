import type { ImageRef } from './image.ts'
import type { CallOptions, Opens } from './role-context.ts'
import type { Json } from './sample.ts'

/** One entry of a benchmark's data. Paths are relative to the folder of the data, with `/`. */
export interface BenchmarkItem {
  /** Unique within the benchmark, as its own files name the entry. */
  readonly id: string
  /** As the official tables name it. */
  readonly category: string
  /** Finer than the category, where the benchmark has such. */
  readonly subtask?: string
  /** What is asked of the picture, as the data has it. */
  readonly instruction: string
  /** Source pictures, in the order in which an Editor gets them. */
  readonly images: readonly string[]
  /** The ideal edited scene in words; no Thinker and no Editor sees it. */
  readonly reference?: string
  /** Pictures of the ideal edited scene; no Thinker and no Editor sees them. */
  readonly referenceImages?: readonly string[]
  /** Where the official layout keeps the edited picture, relative to the folder of results; without extension. */
  readonly output: string
  /** Everything that the entry says, for the formulas. */
  readonly entry: Readonly<Record<string, Json>>
}

/** A part of a question: words, or a picture of the item. */
export type BenchmarkPart =
  | { readonly text: string }
  | { readonly image: 'source' | 'reference'; readonly index: number }
  | { readonly image: 'edited' }

/** What a benchmark asks its judge about one edited picture, in one call. */
export interface BenchmarkQuestion {
  /** Unique within its item, as the official files name it: `judge1`, `consistency`. */
  readonly key: string
  /** Words and pictures, in the order in which the judge is shown them. */
  readonly parts: readonly BenchmarkPart[]
}

/** What was answered: the judge's words or, where official files keep nothing else, a number read from them. */
export type BenchmarkAnswer = string | number

/**
 * Answers by item, then by question. An absent question was not answered; `null` says that it was not asked on purpose.
 * Keys are those of the official files, which may be finer than the questions (two scores read from one answer).
 */
export type BenchmarkAnswers = ReadonlyMap<string, Readonly<Record<string, BenchmarkAnswer | null>>>

/** What one item came to. */
export interface BenchmarkItemScore {
  /** The id of its {@link BenchmarkItem}. */
  readonly id: string
  /** The category of its {@link BenchmarkItem}. */
  readonly category: string
  /** By name, on the benchmark's own scale; `null` where it could not be measured, which is not 0. */
  readonly figures: Readonly<Record<string, number | null>>
}

/** An aggregate, as the official tables have it. */
export interface BenchmarkRow {
  /** What the row is an aggregate of. */
  readonly kind: 'overall' | 'category' | 'dimension' | 'subtask'
  /** The official name of the row. */
  readonly name: string
  /** Values that belong to it. */
  readonly n: number
  /** Those of them that could be measured. */
  readonly measured: number
  /** By name; `null` where nothing was measured. */
  readonly figures: Readonly<Record<string, number | null>>
}

/** An answer that is in no mean. */
export interface BenchmarkProblem {
  /** The id of its {@link BenchmarkItem}. */
  readonly item: string
  /** The key of its {@link BenchmarkQuestion}. */
  readonly question: string
  /** `missing`: there is no answer; `unparsable`: there is one that the parser does not read. */
  readonly problem: 'missing' | 'unparsable'
  /** For people. */
  readonly why: string
}

/** What all answers come to. */
export interface BenchmarkScores {
  /** The `overall` row first. */
  readonly rows: readonly BenchmarkRow[]
  /** One an item, in the order of the data. */
  readonly items: readonly BenchmarkItemScore[]
  /** Every answer that was expected and could not be used; nothing is skipped silently. */
  readonly problems: readonly BenchmarkProblem[]
}

/** Figures that somebody published, to be shown beside one's own and never mixed with them. */
export interface BenchmarkReference {
  /** Of the model or Thinker, as its source has it. */
  readonly name: string
  /** By the name of a {@link BenchmarkRow}, then of its figure, on the scale of that figure. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Where it is published. */
  readonly source: string
  /** Judge model. Absent where the source does not say. */
  readonly judge?: string
  /** Of the rules that {@link Benchmark.rules} names, those that the source is known to have scored by. */
  readonly rules: Readonly<Record<string, string>>
  /** What else a reader must know: number of items, prompts, doubts. */
  readonly conditions: string
}

/** How the official script asks its judge. */
export interface BenchmarkPreset {
  /** The name by which its service knows the model. */
  readonly model: string
  /** Longest answer, in tokens. */
  readonly maxTokens: number
  /** Absent where the official script leaves it to the server. */
  readonly temperature?: number
}

/** A part of a question, ready to be shown. */
export type ShownPart = { readonly text: string } | { readonly image: ImageRef }

/** What answers a benchmark's questions, in words. Opened and closed with its benchmark. */
export interface BenchmarkJudge extends Opens {
  /** Everything that changes its answers: model, decoding. */
  readonly fingerprint: string
  /** Questions it can work on at once. */
  readonly concurrency: number
  /**
   * Gives the answer in the words of the judge.
   *
   * @throws DdaError with a failure kind; an answer is never made up.
   */
  ask(parts: readonly ShownPart[], options: CallOptions): Promise<string>
}

/** Loads its data, asks its questions, scores by its published formula, and reads and writes the official layout. */
export interface Benchmark extends Opens {
  /** For example `rise`. */
  readonly name: string
  /** Everything that changes its numbers: rule versions, parser, prompts. */
  readonly fingerprint: string
  /** What was chosen, for the record: rule versions, parser. */
  readonly rules: Readonly<Record<string, string>>
  /** The figure of an item by which Thinkers are compared. */
  readonly primary: string
  /** The official script's judge, as a preset. */
  readonly official: BenchmarkPreset
  /** Types in which the official script finds an edited picture; one of another type is turned into the first. */
  readonly outputTypes: readonly ImageRef['mediaType'][]
  /** Published figures; shown beside, never mixed in. */
  readonly references: readonly BenchmarkReference[]
  /**
   * Reads the items of the data.
   *
   * @param data a folder, or the file in it that lists the items
   * @throws DdaError `DDA_BENCHMARK_DATA`
   */
  load(data: string): Promise<readonly BenchmarkItem[]>
  /** What is asked about one item; the same questions every time. */
  questions(item: BenchmarkItem): readonly BenchmarkQuestion[]
  /** Absent where none is configured: then pictures are made, and the official script can judge them. */
  readonly judge?: BenchmarkJudge
  /**
   * Reads the judge's answers that a run or the official script left in a folder of results.
   *
   * @throws DdaError `DDA_BENCHMARK_RESULTS`
   */
  readAnswers(results: string, items: readonly BenchmarkItem[]): Promise<BenchmarkAnswers>
  /** Writes answers where the official scripts look for them, as far as they can be read from another language. */
  writeAnswers(results: string, items: readonly BenchmarkItem[], answers: BenchmarkAnswers): Promise<void>
  /** Pure. */
  score(items: readonly BenchmarkItem[], answers: BenchmarkAnswers): BenchmarkScores
}
