import type { Held } from '../../columns/wire.ts'
import type {
  BlindRollout,
  EvaluationComparison,
  Funnel,
  NewAnswers,
  RolloutDetail,
  RowAnnotation,
  RunAgreement,
  RunMetrics,
  Sample,
  ViewHead,
} from '../../wire/view-data.ts'

/** Where the page has its data from: a server, or the files of an export. */
export interface Source {
  /** Is there more to come? */
  readonly live: boolean
  head(): Promise<ViewHead>
  funnel(): Promise<Funnel | null>
  /** @param a `run/thinker` */
  compare(a: string, b: string): Promise<EvaluationComparison>
  /** @param isBlind without what judges said and what came of it */
  columns(run: string, held: Held, generation: number, isBlind: boolean): Promise<Uint8Array>
  /** `null`: there is no such row. */
  rollouts(run: string, rows: readonly number[]): Promise<readonly (RolloutDetail | null)[]>
  /** `null`: the data no longer hold it. */
  samples(run: string, places: readonly number[]): Promise<readonly (Sample | null)[]>
  metrics(run: string): Promise<RunMetrics>
  /** One bit a row, of so many rows at least. */
  search(run: string, text: string, rows: number): Promise<Uint8Array>
  /** What people say, as it holds now. @param by only what this one says */
  annotations(run: string, by?: string): Promise<readonly RowAnnotation[]>
  agreement(run: string): Promise<RunAgreement>
  /** How answers are put on the record, and asked for in a drawn order. Absent where nothing is added. */
  readonly asking?: Asking
  /** Address of a picture. @param file `<hash>.<ending>` */
  picture(file: string): string
  thumbnail(file: string): string
}

export interface Asking {
  /** What a person is asked about a row, with nothing that sways; `null`: there is no such row. */
  questions(run: string, row: number, by: string): Promise<BlindRollout | null>
  answer(run: string, answers: NewAnswers): Promise<readonly RowAnnotation[]>
  /** A number for each of the first rows, by which they are put into a drawn order. */
  draws(run: string, seed: number, rows: number): Promise<Uint32Array>
  /** Address of the calibration set. */
  calibration(run: string): string
}
