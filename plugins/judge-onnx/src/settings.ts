import { type DdaError, type Check, type ChecklistItem } from '@dda-thinker/plugin-api'
import { isCheckKind, needsModel, readCheck, type Measurement } from './check.ts'
import { errors } from './errors.ts'
import type { OnnxJudgeOptions } from './options.ts'
import { preprocessingOf, type Preprocessing } from './preprocess.ts'

/** Options that were checked against each other, with what follows from them. */
export interface Settings {
  readonly options: OnnxJudgeOptions
  readonly preprocessing: ReadonlyMap<string, Preprocessing>
  /** The check of an item, as it carries it or as its question asks for it; undefined for one that is not this judge's. */
  readonly checkOf: (item: ChecklistItem) => Check | undefined
  /** @throws DdaError `DDA_JUDGE_CHECK` */
  readonly measurementOf: (item: ChecklistItem, check: Check) => Measurement
}

/** @throws DdaError `DDA_JUDGE_ONNX_OPTIONS`, `DDA_JUDGE_CHECK` */
export function settingsOf(options: OnnxJudgeOptions): Settings {
  const { models, thresholds, questions } = options
  for (const kind of Object.keys(thresholds)) {
    if (!isCheckKind(kind)) throw wrong(`thresholds.${kind} is of no kind of check`)
  }
  const patterns = questions.map(({ match, check }, index) => {
    const pattern = expressionOf(match, `questions[${index}].match`)
    checkModel(check, models, `questions[${index}].check`)
    readCheck(check, thresholds)
    return { pattern, check }
  })
  const can = (check: Check): boolean =>
    isCheckKind(check.kind) && (!needsModel(check.kind) || Object.keys(models).length > 0)
  return {
    options,
    preprocessing: new Map(Object.entries(models).map(([name, model]) => [name, preprocessingOf(model)])),
    checkOf(item) {
      if (item.scope !== 'visual') return undefined
      const check = item.check ?? patterns.find(({ pattern }) => pattern.test(item.question))?.check
      return check !== undefined && can(check) ? check : undefined
    },
    measurementOf(item, check) {
      checkModel(check, models, `the check of item "${item.id}"`)
      return readCheck(check, thresholds, item)
    },
  }
}

function checkModel(check: Check, models: OnnxJudgeOptions['models'], where: string): void {
  const { kind, model } = check
  const names = Object.keys(models)
  if (!needsModel(kind)) return
  if (names.length === 0) throw wrong(`${where} needs a model, and \`models\` is empty`)
  if (typeof model === 'string' && !names.includes(model)) {
    throw wrong(`${where} names the model "${model}"; there is ${names.join(', ')}`)
  }
}

function expressionOf(source: string, where: string): RegExp {
  try {
    return new RegExp(source, 'iu')
  } catch (cause) {
    throw wrong(`${where} is no regular expression: ${cause instanceof Error ? cause.message : ''}`)
  }
}

function wrong(problem: string): DdaError {
  return errors.make('DDA_JUDGE_ONNX_OPTIONS', { problem }, { kind: 'bad-input' })
}
