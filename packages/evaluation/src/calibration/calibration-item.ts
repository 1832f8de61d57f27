import {
  type ChecklistItem,
  type ImageRef,
  isImageRef,
  type JudgeRequest,
  type Reference,
  type Scope,
  SCOPES,
  type SeenOfSample,
} from '@dda-thinker/plugin-api'

/** A question with the answer of people, whole in itself: what a judge is asked, and what it should say. */
export interface CalibrationItem {
  /** Of the sample. */
  readonly sample: string
  readonly rollout: string
  /** Of the checklist; unique within its rollout. */
  readonly item: string
  readonly scope: Scope
  readonly question: string
  readonly expected: 'yes' | 'no'
  /** How it is measured, for judges that measure. */
  readonly check?: ChecklistItem['check']
  /** What most people say. */
  readonly answer: 'yes' | 'no'
  /** How many say so, and how many anything; absent in a set that was made elsewhere. */
  readonly agreeing?: number
  readonly people?: number
  readonly instruction: string
  /** For judges that see it. */
  readonly reference?: Reference
  /** Of a cognitive item: the executable plan. */
  readonly plan?: string
  /** Of a visual item, by content hash. */
  readonly source?: readonly ImageRef[]
  readonly edited?: ImageRef
}

/** What makes a value unusable as a question, in words; `undefined` for a sound {@link CalibrationItem}. */
export function calibrationProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no object'
  const line = value as Readonly<Partial<Record<keyof CalibrationItem, unknown>>>
  for (const field of ['sample', 'rollout', 'item', 'question'] as const)
    if (typeof line[field] !== 'string' || line[field] === '') return `it has no \`${field}\``
  if (typeof line.instruction !== 'string') return 'it has no `instruction`'
  if (!(SCOPES as readonly unknown[]).includes(line.scope))
    return `its scope is ${said(line.scope)}, not ${either(SCOPES)}`
  for (const field of ['expected', 'answer'] as const)
    if (line[field] !== 'yes' && line[field] !== 'no') return `\`${field}\` is ${said(line[field])}, neither yes nor no`
  if (!isCheck(line.check)) return 'its check has no kind'
  return line.scope === 'cognitive'
    ? (referenceProblem(line.reference) ??
        (typeof line.plan === 'string' ? undefined : 'a cognitive item has no `plan`'))
    : (referenceProblem(line.reference) ?? picturesProblem(line))
}

function isCheck(check: unknown): boolean {
  const { kind } = (check ?? {}) as { readonly kind?: unknown }
  return check === undefined || typeof kind === 'string'
}

function picturesProblem({
  source,
  edited,
}: {
  readonly source?: unknown
  readonly edited?: unknown
}): string | undefined {
  if (!Array.isArray(source) || source.length === 0) return 'a visual item has no `source` picture'
  if (edited === undefined) return 'a visual item has no `edited` picture'
  const stray = [...(source as unknown[]), edited].find((one) => !isImageRef(one))
  return stray === undefined ? undefined : `${said(stray)} is no reference to a picture`
}

function referenceProblem(reference: unknown): string | undefined {
  if (reference === undefined) return undefined
  const { text, image } = (reference ?? {}) as Partial<Record<keyof Reference, unknown>>
  if (typeof text !== 'string') return 'its reference has no text'
  return image === undefined || isImageRef(image) ? undefined : `${said(image)} is no reference to a picture`
}

function said(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 160)
}

function either(words: readonly string[]): string {
  return words.join(' or ')
}

/** The pictures that a question shows, its reference included. */
export function calibrationPictures({ source = [], edited, reference }: CalibrationItem): readonly ImageRef[] {
  return [...source, edited, reference?.image].filter((one) => one !== undefined)
}

/** Does the item pass by what people say? */
export function passedByPeople({ answer, expected }: Pick<CalibrationItem, 'answer' | 'expected'>): boolean {
  return answer === expected
}

/** Questions about the same thing, as one request. */
export interface CalibrationQuestion {
  readonly request: JudgeRequest
  /** What there is of the sample for judges that see it. */
  readonly about: SeenOfSample
  /** Those of the request's items, in their order. */
  readonly items: readonly CalibrationItem[]
}

/**
 * As judges are asked in a run: the items about one plan, or one picture, together.
 *
 * @param idOf the id that an item is asked under, unique among those of its rollout. Default: its own
 */
export function calibrationQuestions(
  items: readonly CalibrationItem[],
  idOf: (item: CalibrationItem) => string = ({ item }) => item,
): readonly CalibrationQuestion[] {
  const groups = new Map<string, CalibrationItem[]>()
  for (const item of items) {
    const { rollout, sample, scope, instruction, reference, plan, source, edited } = item
    const key = JSON.stringify([rollout, sample, scope, instruction, reference, plan, source, edited])
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return Array.from(groups.values(), (group) => questionOf(group, idOf))
}

function questionOf(items: readonly CalibrationItem[], idOf: (item: CalibrationItem) => string): CalibrationQuestion {
  const [{ sample, scope, instruction, reference, plan = '', source = [], edited }] = items as [CalibrationItem]
  const asked = items.map((item): ChecklistItem => {
    const { question, expected, check } = item
    return { id: idOf(item), scope, question, expected, ...(check !== undefined && { check }) }
  })
  const about = {
    id: sample,
    instruction,
    reference: reference?.text ?? '',
    ...(reference?.image !== undefined && { referenceImage: reference.image }),
  }
  const request: JudgeRequest =
    edited === undefined || scope === 'cognitive'
      ? { scope: 'cognitive', instruction, plan, items: asked }
      : { scope: 'visual', source, edited, items: asked }
  return { request, about, items }
}
