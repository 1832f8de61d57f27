import type { DdaError } from '@dda-thinker/plugin-api'
import { textOf, type Draft } from './draft.ts'
import { errors } from './errors.ts'
import type { Columns } from './options.ts'

type Fields = Readonly<Record<string, unknown>>

/** Names that columns usually have, the surest first. */
const USUAL: Readonly<Record<Exclude<keyof Columns, 'image'>, readonly string[]>> = {
  instruction: [
    'instruction',
    'edit_instruction',
    'edit_prompt',
    'instruction_en',
    'edit_instruction_en',
    'prompt',
    'text',
    'caption',
  ],
  id: ['id', 'key', 'index', 'sample_id', 'uid'],
  category: ['category', 'task_type', 'type', 'task', 'label'],
  subtask: ['subtask', 'sub_task', 'subcategory'],
  reference: ['reference', 'reference_text', 'reference_description', 'description'],
  referenceImage: [
    'referenceImage',
    'reference_image',
    'reference_img',
    'reference_image_path',
    'target_image',
    'target_img',
    'edited_image',
    'edited_img',
    'edited_image_path',
    'output_image',
    'gt_image',
    'gt_img',
    'after_image',
    'target',
    'edited_file_name',
  ],
  checklist: ['checklist', 'questions'],
  demonstration: ['demonstration', 'plan'],
  split: ['split'],
}
const USUAL_IMAGES: readonly string[] = [
  'images',
  'image',
  'source_images',
  'source_image',
  'source',
  'input_image',
  'original_image',
  'src_img',
  'image_path',
  'file_names',
  'file_name',
  'image_url',
  'input',
]

/** Which columns are read for what, as far as the first row settles it. */
export interface Mapping {
  readonly images: readonly string[]
  readonly fields: Readonly<Partial<Record<keyof typeof USUAL, string>>>
}

/**
 * @param row the first row; later ones may lack what it has
 * @throws DdaError `DDA_DATASET_COLUMNS` where instruction or pictures cannot be found, or a named column is not there
 */
export function mapColumns(columns: Columns, row: Fields, file: string): Mapping {
  const there = (column: string): boolean => valueAt(row, column) !== undefined
  const require = (column: string): string => {
    if (there(column)) return column
    throw missing(`There is no column "${column}"`, row, file)
  }
  const usual = USUAL_IMAGES.find(there)
  // The exported name of further pictures.
  const more = usual === 'image' && there('more_images') ? ['more_images'] : []
  const images =
    columns.image === undefined ? (usual === undefined ? [] : [usual, ...more]) : [columns.image].flat().map(require)
  if (images.length === 0) throw missing('No column of source pictures was recognised', row, file, 'image')
  const fields: Partial<Record<keyof typeof USUAL, string>> = {}
  for (const [field, candidates] of Object.entries(USUAL) as [keyof typeof USUAL, readonly string[]][]) {
    const said = columns[field]
    const found = said === undefined ? candidates.find((name) => there(name) && !images.includes(name)) : require(said)
    if (found !== undefined) fields[field] = found
  }
  if (fields.instruction === undefined)
    throw missing('No column of instructions was recognised', row, file, 'instruction')
  return { images, fields }
}

export function readColumns({ images, fields }: Mapping, row: Fields): Draft {
  const at = (field: keyof typeof USUAL): unknown => {
    // Rows of JSON need not all have the same fields: what the first one lacks is looked for in each.
    const column =
      fields[field] ?? USUAL[field].find((name) => !images.includes(name) && valueAt(row, name) !== undefined)
    return column === undefined ? undefined : valueAt(row, column)
  }
  return {
    images: images.map((column) => valueAt(row, column)),
    instruction: at('instruction'),
    id: at('id'),
    category: at('category'),
    subtask: at('subtask'),
    reference: at('reference'),
    referenceImage: at('referenceImage'),
    checklist: at('checklist'),
    demonstration: at('demonstration'),
    split: at('split'),
  }
}

/** `instruction ← prompt, image ← source`, for the log. */
export function describeMapping({ images, fields }: Mapping): string {
  const parts = Object.entries(fields).map(([field, column]) => `${field} ← ${column}`)
  return [`images ← ${images.join(' + ')}`, ...parts].join(', ')
}

/** A column, or with dots a field inside one. */
function valueAt(row: Fields, column: string): unknown {
  if (column in row) return row[column] ?? undefined
  let value: unknown = row
  for (const part of column.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Fields)[part]
  }
  return value ?? undefined
}

function missing(problem: string, row: Fields, file: string, option?: string): DdaError {
  const names = Object.keys(row).map((name) => textOf(name) ?? '""')
  const holes = { problem, file, names: names.join(', ') || 'none' }
  return option === undefined
    ? errors.make('DDA_DATASET_COLUMNS/unknown', holes, { location: file })
    : errors.make('DDA_DATASET_COLUMNS/which', { ...holes, option, first: names[0] ?? 'name' }, { location: file })
}
