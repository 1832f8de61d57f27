/** Why a picture or a proposed task became no sample. Few and fixed, so that they can be counted. */
export const TASK_REASONS = {
  pictureUnusable: 'the picture cannot be used',
  pictureRepeated: 'the picture is a near duplicate of an earlier one',
  pictureContaminated: 'the picture is one of a benchmark',
  sceneRepeated: 'the scene is a near duplicate of an earlier one',
  unsuitable: 'the picture gives nothing for this kind of task',
  refused: 'the model refused',
  unreadable: 'the answer of the model could not be read',
  service: 'the service failed',
  notAnInstruction: 'the instruction is not one',
  instructionRepeated: 'the instruction is a near duplicate of an earlier one',
  instructionContaminated: 'the instruction is one of a benchmark',
  notAReference: 'the reference description is not one',
  tooFewItems: 'too few checklist items passed their checks',
} as const

/** Why a proposed checklist item was dropped. */
export const ITEM_REASONS = {
  malformed: 'item: it is not a question with a right answer',
  compound: 'item: it asks for more than one fact',
  repeated: 'item: it repeats an earlier one',
  leaking: "item: it copies the reference's words",
  beforeEdit: 'item: the untouched picture passes it',
  notPreserved: 'item: it guards what the source picture does not show',
  fromInstruction: 'item: the instruction alone answers it',
  againstReference: 'item: the reference says otherwise',
  tooMany: 'item: its list is full',
  endedWithTask: 'item: its task was dropped',
} as const

export type TaskReason = (typeof TASK_REASONS)[keyof typeof TASK_REASONS]
export type ItemReason = (typeof ITEM_REASONS)[keyof typeof ITEM_REASONS]

/** Ends the work on one picture or task; the others go on. */
export class Dropped extends Error {
  readonly reason: TaskReason

  constructor(reason: TaskReason, detail = '') {
    super(detail)
    this.reason = reason
  }
}
