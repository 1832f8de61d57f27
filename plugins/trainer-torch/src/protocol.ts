import type { TokenTrace } from '@dda-thinker/plugin-api'
import type { WireImage } from '@dda-thinker/python-worker'

/* Data of the frames; PROTOCOL.md says what it means. */

/** Version of PROTOCOL.md. */
export const PROTOCOL = 4

export interface WirePrompt {
  readonly sampleId: string
  readonly instruction: string
  readonly images: readonly WireImage[]
}

export interface PolicyState {
  /** Id of the current weights. */
  readonly weights: string
  readonly policyVersion: number
}

export interface Opened extends PolicyState {
  readonly model: {
    readonly class: string
    readonly parameters: number
    readonly trainable: number
    readonly multimodal: boolean
    readonly vocabulary: number
    /** Of base weights and architecture. */
    readonly id: string
  }
  readonly device: string
  readonly dtype: string
  readonly memory: { readonly line: string; readonly peak: number }
}

export interface WirePlanRequest {
  readonly id: string
  readonly prompt: WirePrompt
  readonly seed: number
  readonly temperature: number
}

export interface WirePlan extends PolicyState {
  readonly id: string
  readonly text: string
  readonly ids: TokenTrace['ids']
  readonly logProbs: TokenTrace['logProbs']
  readonly values: readonly number[] | null
  readonly ends: TokenTrace['ends']
  /** False where the token limit cut it off. */
  readonly ended: boolean
  /** Special tokens among `ids` that do not end the plan. */
  readonly reserved: number
}

export interface WireFailure {
  readonly reason: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

export type PlanEvent =
  | WirePlan
  | { readonly id: string; readonly error: WireFailure }
  /** Of the rollout as a whole. */
  | { readonly warning: string }

export interface WireRow {
  readonly rolloutId: string
  readonly group: string
  readonly prompt: WirePrompt
  readonly ids: readonly number[]
  readonly logProbs: readonly number[]
  readonly values: readonly number[] | null
  readonly ends: readonly number[]
  readonly policyVersion: number
  /** That the plan was sampled at. */
  readonly temperature: number
  /** The reward on its tokens. */
  readonly rewards: readonly number[]
  /** Its parts by stream, in the order of the update's weights; null in those that it was not asked for. */
  readonly streams: readonly (readonly number[] | null)[]
}

export interface Updated extends PolicyState {
  readonly metrics: Readonly<Record<string, number>>
}

export type WorkEvent =
  | { readonly progress: { readonly done: number; readonly total: number } }
  | { readonly warning: string }

/** A number, or the name of one that JSON lacks. */
export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity'

export function wireNumber(value: number): WireNumber {
  return Number.isFinite(value) ? value : (String(value) as WireNumber)
}

/** Numbers that JSON lacks, anywhere in a value, by their names. */
export function wireNumbers(value: unknown): unknown {
  if (typeof value === 'number') return wireNumber(value)
  if (Array.isArray(value)) return value.map(wireNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wireNumbers(inner)]))
}
