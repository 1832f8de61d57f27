import type { EditRequest, JudgeRequest } from '@dda-thinker/plugin-api'

/**
 * Names the sample that a request is about, the same for every plan of its group: what all plans of one sample are refused for may be the
 * fault of that sample, and only what several samples are refused for is that of the configuration (see `RefusalWatch`).
 *
 * A request does not say its sample. An edit is told by its source pictures and its seed, which the members of a group share; questions
 * by what was asked for, or the source pictures, and by their words.
 */
export function sampleInput(request: EditRequest | JudgeRequest): string {
  if ('seed' in request) return JSON.stringify(['edit', hashes(request.images), request.seed])
  const about = request.scope === 'cognitive' ? request.instruction : hashes(request.source)
  return JSON.stringify([request.scope, about, request.items.map(({ question }) => question)])
}

function hashes(images: EditRequest['images']): readonly string[] {
  return images.map(({ hash }) => hash)
}
