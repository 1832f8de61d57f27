import type { Judge, JudgeRequest, Reference, SeenOfSample } from '@dda-thinker/plugin-api'

/** The question as this judge sees it: what its scope always holds, and of the sample what it declares, and nothing else. */
export function shownTo(judge: Judge, sample: SeenOfSample, question: JudgeRequest): JudgeRequest {
  const found = judge.sees?.includes('reference') === true ? referenceOf(sample) : undefined
  const reference = found === undefined ? {} : { reference: found }
  if (question.scope === 'cognitive') {
    const { scope, instruction, plan, items } = question
    return { scope, instruction, plan, items, ...reference }
  }
  const { scope, source, edited, items } = question
  const instruction = judge.sees?.includes('instruction') === true ? { instruction: sample.instruction } : {}
  return { scope, source, edited, items, ...instruction, ...reference }
}

/** What a verdict depends on beside scope and items. A judge that sees no more has the keys it always had. */
export function seenKey(question: JudgeRequest): readonly unknown[] {
  const { reference } = question
  const more = reference === undefined ? [] : [{ reference: reference.text, image: reference.image?.hash ?? null }]
  if (question.scope === 'cognitive') return [question.instruction, question.plan, ...more]
  const instruction = question.instruction === undefined ? [] : [{ instruction: question.instruction }]
  return [question.source.map((image) => image.hash), question.edited.hash, ...instruction, ...more]
}

function referenceOf({ reference, referenceImage }: SeenOfSample): Reference | undefined {
  if (referenceImage !== undefined) return { text: reference, image: referenceImage }
  return reference === '' ? undefined : { text: reference }
}
