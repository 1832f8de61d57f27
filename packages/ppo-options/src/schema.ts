import { Type, type TSchema } from '@dda-thinker/plugin-api'

/* Shorthands for options with defaults and descriptions; each makes one TypeBox schema. */

export const closed = { additionalProperties: false } as const

export const group = <P extends Record<string, TSchema>>(properties: P, description: string) =>
  Type.Object(properties, { ...closed, default: {}, description })

export const orNull = <S extends TSchema>(schema: S, fallback: unknown, description: string) =>
  Type.Union([schema, Type.Null()], { default: fallback, description })

export const choice = <const T extends readonly string[]>(names: T, fallback: T[number], description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...names], default: fallback, description })

export const number = (fallback: number, description: string, limits: { minimum?: number; maximum?: number } = {}) =>
  Type.Number({ default: fallback, description, ...limits })

export const integer = (fallback: number, description: string, minimum = 1) =>
  Type.Integer({ default: fallback, description, minimum })

export const flag = (fallback: boolean, description: string) => Type.Boolean({ default: fallback, description })

/** A learning rate and its course, counted in optimiser steps. */
export const schedule = (peak: number) => ({
  learningRate: number(peak, 'Learning rate at its peak.', { minimum: 0 }),
  schedule: choice(['constant', 'linear', 'cosine'], 'constant', 'How the learning rate falls after the warm-up.'),
  warmup: integer(0, 'Optimiser steps of linear warm-up.', 0),
  total: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Optimiser steps after which linear and cosine schedules stay at the floor.',
    }),
  ),
  floor: number(0, 'Learning rate at the end of the schedule.', { minimum: 0 }),
  maxGradientNorm: number(1, 'The gradient is scaled down to this Euclidean norm.', { minimum: 0 }),
})
