import { isRecord } from '@dda-thinker/data-files'
import type { Draft } from './draft.ts'
import { textOf } from './draft.ts'

type Fields = Readonly<Record<string, unknown>>

/** A published kind of file: what its rows are known by, and what their fields mean. */
export interface Format {
  /** All of these; or all of one of these lists. */
  readonly known: readonly (readonly string[])[]
  /** @param folder name of the folder that the file lies in */
  read(row: Fields, folder: string): Draft
}

/** `<image>` marks where a chat template puts pictures; it is no part of an instruction. */
const withoutMarks = (value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('<image>', ' ').replaceAll(/ {2,}/g, ' ') : value

/** Games have rules, without which their instruction says too little; the official script puts them in front. */
function withRules({ rules, instruction }: Fields): unknown {
  const said = textOf(rules)
  return said === undefined || textOf(instruction) === undefined ? instruction : `${said}\n${textOf(instruction) ?? ''}`
}

/** Weighted yes/no questions about the edited picture (GRADE), as a visual checklist. */
function gradeItems(questions: unknown): unknown {
  if (!Array.isArray(questions)) return questions
  return (questions as readonly unknown[]).map((one) => {
    if (!isRecord(one)) return one
    const { id, question, score } = one
    return { scope: 'visual', question, expected: 'yes', ...(id === undefined ? {} : { id }), weight: score }
  })
}

/** `eco_macro_001` is of `eco`. */
function prefixOf(id: unknown): string | undefined {
  return textOf(id)?.split('_')[0]
}

export const FORMATS: Readonly<Record<string, Format>> = {
  'unified-thinker': {
    known: [['edit_prompt', 'ref_imgs']],
    read: (row) => ({
      id: row['id'],
      images: row['ref_imgs'],
      instruction: withoutMarks(row['edit_prompt']),
      category: row['domain'] ?? row['task_type'],
      subtask: row['task_type'],
      // The chain of thought that its judge compares with; older files call it otherwise.
      reference: row['edit_prompt_cot'] ?? row['reference_text'],
      referenceImage: row['tgt_images'],
    }),
  },
  editthinker: {
    known: [['origin_prompt', 'origin_image_path']],
    // The edited picture is a turn of some Editor, not a reference; rows of one trajectory are one task.
    read: (row) => ({
      images: row['origin_image_path'],
      instruction: row['origin_prompt'],
      category: row['task_type'],
    }),
  },
  uniredit: {
    known: [
      ['original_image_path', 'instruction', 'reference_effect'],
      ['original_image_path', 'edited_image_path', 'instruction'],
      ['before_image_path', 'after_image_path', 'instruction'],
    ],
    read: (row) => ({
      id: row['idx'] === undefined ? undefined : `${textOf(row['name']) ?? ''}#${textOf(row['idx']) ?? ''}`,
      images: row['original_image_path'] ?? row['before_image_path'],
      instruction: withRules(row),
      category: row['name'],
      reference: row['reference_effect'],
      referenceImage: row['reference_image_path'] ?? row['edited_image_path'] ?? row['after_image_path'],
    }),
  },
  grade: {
    known: [['task_id', 'text', 'image_path', 'questions']],
    read: (row) => ({
      id: row['task_id'],
      images: row['image_path'],
      instruction: row['text'],
      category: prefixOf(row['task_id']),
      subtask: row['sub_task'],
      referenceImage: row['gt'],
      checklist: gradeItems(row['questions']),
    }),
  },
  're-edit': {
    known: [['src_img_b64', 'edit_instruction_en']],
    read: (row) => ({
      images: row['src_img_b64'],
      instruction: row['edit_instruction_en'],
      category: row['subset'],
      reference: row['rationale_short_en'],
    }),
  },
  rise: {
    known: [['index', 'category', 'instruction', 'image']],
    read: (row) => ({
      id: row['index'],
      images: row['image'],
      instruction: row['instruction'],
      category: textOf(row['category'])?.replace(/_reasoning$/, ''),
      subtask: row['subtask'],
      reference: row['reference'] ?? row['reference_txt'],
      referenceImage: row['reference_img'],
    }),
  },
  kris: {
    known: [['ori_img', 'ins_en']],
    // A folder a category; its rows do not say it.
    read: (row, folder) => ({
      images: row['ori_img'],
      instruction: row['ins_en'],
      category: row['type'] ?? folder,
      reference: row['explain_en'],
      referenceImage: row['gt_img'],
    }),
  },
}

/** The published kind that a row looks like. */
export function formatOf(row: Fields): string | undefined {
  return Object.entries(FORMATS).find(([, { known }]) => known.some((names) => names.every((name) => name in row)))?.[0]
}
