import {
  type DdaError,
  type Check,
  type ChecklistItem,
  type ImageRef,
  Type,
  type Static,
} from '@dda-thinker/plugin-api'
import { Value } from 'typebox/value'
import { errors } from './errors.ts'

/** x, y, width and height as fractions of the picture, from its upper left corner. */
const box = Type.Tuple([fraction(), fraction(), fraction(), fraction()])
export type Box = Static<typeof box>

export const bounds = {
  /** Yes from here on. */
  min: Type.Optional(Type.Number()),
  /** Yes up to here. */
  max: Type.Optional(Type.Number()),
  /** Values closer to a bound than this are `unsure`. */
  margin: Type.Optional(Type.Number({ minimum: 0 })),
  /** Gives a probability: logistic in the distance to the nearer bound, divided by this. */
  scale: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
}

const common = {
  ...bounds,
  /** Which source picture. Default: the first. */
  source: Type.Optional(Type.Integer({ minimum: 0 })),
}

const region = {
  within: Type.Optional(Type.Array(box, { minItems: 1 })),
  ignore: Type.Optional(Type.Array(box, { minItems: 1 })),
  /** A stored picture, white where it is to be compared. */
  mask: Type.Optional(
    Type.Object({
      hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      mediaType: Type.Union([Type.Literal('image/png'), Type.Literal('image/jpeg'), Type.Literal('image/webp')]),
      width: Type.Integer({ minimum: 1 }),
      height: Type.Integer({ minimum: 1 }),
    }),
  ),
}

const model = { model: Type.Optional(Type.String({ minLength: 1 })) }

const KINDS = {
  /** Masked mean SSIM of edited picture and source. */
  ssim: strict({ kind: Type.Literal('ssim'), ...common, ...region }),
  /** Masked PSNR in dB. */
  psnr: strict({ kind: Type.Literal('psnr'), ...common, ...region }),
  /** Cosine of the embeddings of both whole pictures. */
  similarity: strict({ kind: Type.Literal('similarity'), ...common, ...model }),
  /** Cosine of the embeddings of one thing, cut out of both pictures. */
  identity: strict({
    kind: Type.Literal('identity'),
    ...common,
    ...model,
    box,
    /** Where it is in the edited picture. Default: where it was. */
    editedBox: Type.Optional(box),
  }),
  /** Cosine of the embeddings of both pictures with what may change painted over. */
  preservation: strict({ kind: Type.Literal('preservation'), ...common, ...model, ...region }),
} as const

export type CheckKind = keyof typeof KINDS
export const CHECK_KINDS = Object.keys(KINDS) as readonly CheckKind[]
const WITH_MODEL: ReadonlySet<string> = new Set<CheckKind>(['similarity', 'identity', 'preservation'])

export type Measurement = Static<(typeof KINDS)[CheckKind]>
export type Bounds = Static<ReturnType<typeof boundsObject>>

export function boundsObject() {
  return strict(bounds)
}

export function isCheckKind(kind: string): kind is CheckKind {
  return Object.hasOwn(KINDS, kind)
}

export function needsModel(kind: string): boolean {
  return WITH_MODEL.has(kind)
}

/** Bounds that a check leaves open are those of its kind. @throws DdaError `DDA_JUDGE_CHECK` */
export function readCheck(
  check: Check,
  thresholds: Readonly<Record<string, Bounds>>,
  item?: Pick<ChecklistItem, 'id'>,
): Measurement {
  const refuse = (problem: string): DdaError =>
    errors.make(
      'DDA_JUDGE_CHECK/item',
      { which: item === undefined ? '' : ` of item "${item.id}"`, problem },
      { kind: 'bad-input' },
    )
  if (!isCheckKind(check.kind)) throw refuse(`"${check.kind}" is none of ${CHECK_KINDS.join(', ')}`)
  const given = { ...thresholds[check.kind], ...check }
  const schema = KINDS[check.kind]
  const [first] = Value.Errors(schema, given)
  if (first !== undefined) throw refuse(described(first))
  const measurement = given as Measurement
  const { min, max } = measurement
  if (min === undefined && max === undefined) throw refuse(`${check.kind} needs min or max`)
  if (min !== undefined && max !== undefined && min > max) throw refuse(`min ${min} is above max ${max}`)
  if (
    measurement.kind === 'preservation' &&
    !('within' in measurement || 'ignore' in measurement || 'mask' in measurement)
  ) {
    throw refuse('preservation needs within, ignore or mask')
  }
  return measurement
}

export function maskOf(measurement: Measurement): ImageRef | undefined {
  return 'mask' in measurement ? measurement.mask : undefined
}

function fraction() {
  return Type.Number({ minimum: 0, maximum: 1 })
}

function strict<T extends Parameters<typeof Type.Object>[0]>(fields: T) {
  return Type.Object(fields, { additionalProperties: false })
}

function described({
  instancePath,
  message,
  params,
}: {
  instancePath: string
  message: string
  params: object
}): string {
  const named = Object.values(params)
    .flat()
    .filter((value): value is string => typeof value === 'string')
  return [instancePath.slice(1), message, named.length === 0 ? '' : `(${named.join(', ')})`].filter(Boolean).join(' ')
}
