import type { Prompts } from '@dda-thinker/benchmark-kit'

// Own wording of what RISE-Bench asks its judge: same pictures, same dimensions, same scales, same last line.

const SCALE_LINE = 'End with one line of exactly this form, N being a whole number from 1 to 5:\nFinal Score: N'
const BINARY_LINE = 'End with one line of exactly this form, N being 0 or 1:\nFinal Score: N'
const WATERMARK = 'A small blue diamond watermark, where there is one, is to be ignored.'

const CONSISTENCY = `You compare two pictures. The first is the original, the second is an edited version of it.
The edit was asked for with this instruction: {instruction}

Rate how well everything is kept that the instruction neither names nor makes change: objects, their identity, number, place and
look, background, style, camera, light. Changes that the instruction asks for, or that follow from it, are no loss of consistency.
Whether the instruction was carried out well is not the question.

5 Nothing else has changed.
4 One small detail has changed that one has to look for.
3 Something has clearly changed that should not have, but most is kept.
2 Several important things have changed.
1 It is hardly the same picture any more.

First name the differences that you see, one by one, and say of each whether the instruction accounts for it.
${SCALE_LINE}`

const REASONING_SCALE = `5 Everything that the reference says can be seen, right in every respect.
4 The main thing can be seen and is right; a lesser point is missing or inexact.
3 It goes the right way, but an important part is missing or wrong.
2 Only a trace of what was expected can be seen.
1 What was expected cannot be seen, or the contrary can.`

const REASONING = `You see an edited picture. It was edited with this instruction: {instruction}
A right result looks like this: {reference}

Rate how far the picture shows that result. Judge only what the instruction calls for, not the beauty of the picture nor what was kept
of the original.

${REASONING_SCALE}

First say what of the expected result you see and what you do not.
${SCALE_LINE}`

const REASONING_WITH_ORIGINAL = `You see two pictures: first the original, then its edited version. It was edited with this instruction:
{instruction}
A right result looks like this: {reference}

Rate how far the edited picture shows that result, starting from the original. Judge only what the instruction calls for.

${REASONING_SCALE}

First say what of the expected result you see and what you do not.
${SCALE_LINE}`

const PLAUSIBILITY = `You see a picture that was made by an image editor. Rate how sound it looks, whatever it shows: shapes that
hold together, no blur, noise, seams or smears, no parts that are doubled, cut off or melted, light and texture that fit. Surreal
content is no fault.

5 Clean everywhere.
4 A slight flaw that one has to look for.
3 A flaw that catches the eye, in one place.
2 Several flaws, or one that spoils the picture.
1 Broken: mostly unrecognisable.

First name the flaws.
${SCALE_LINE}`

const SPATIAL_SCALE = `5 Right in every part: places, order, orientation, number.
4 Right but for a small inexactness.
3 Partly right: the idea is there, but a part is wrong.
2 Mostly wrong.
1 Wrong, or nothing was done.`

const SPATIAL_REASONING = `You see an edited picture. The task was: {instruction}
A right result looks like this: {reference}

Rate how far the picture solves the task, by the places, order, orientation and number of its parts. ${WATERMARK}

${SPATIAL_SCALE}

Give a short conclusion.
${SCALE_LINE}`

const SPATIAL_REASONING_WITH_ORIGINAL = `You see two pictures: first the original, then its edited version. The task was: {instruction}
A right result looks like this: {reference}

Rate how far the edited picture solves the task, by the places, order, orientation and number of its parts. ${WATERMARK}

${SPATIAL_SCALE}

Give a short conclusion.
${SCALE_LINE}`

const SPATIAL_REASONING_BY_IMAGE = `You see two pictures: first one that shows a right result, then one to be judged. The task was:
{instruction}

Rate how far the second picture solves the task, by the places, order, orientation and number of its parts; it need not look like the
first in anything else. ${WATERMARK}

${SPATIAL_SCALE}

Give a short conclusion.
${SCALE_LINE}`

const SPATIAL_CONSISTENCY = `You compare two pictures: first the one given, then an edited one. The task was: {instruction}

Rate how well the parts themselves are kept: their shapes, colours, patterns and style, and the background. Where they stand, and how they
are turned, is what the task is about and does not count. ${WATERMARK}

5 All kept.
4 A small detail differs.
3 Some parts are clearly other ones.
2 Most parts are other ones.
1 Nothing is recognised.

Give a short conclusion.
${SCALE_LINE}`

const SPATIAL_PLAUSIBILITY = `You see a picture that was made by an image editor. Rate how sound it looks: shapes that hold together, clean
edges, no blur, smears or doubled parts. A rendered, drawn or schematic look is no fault. ${WATERMARK}

5 Clean everywhere.
4 A slight flaw that one has to look for.
3 A flaw that catches the eye.
2 Several flaws, or one that spoils the picture.
1 Broken.

Give a short conclusion.
${SCALE_LINE}`

const LOGICAL_CONSISTENCY = `You compare two pictures: first the one given, then an edited one. The task was: {instruction}

Is everything kept that the task does not ask to change: layout, figures, symbols, colours, style? The place where an answer is drawn or
written does not count, whether the answer is right or wrong. ${WATERMARK}

1 Kept.
0 Something else has changed.

Say first what differs.
${BINARY_LINE}`

const LOGICAL_CONSISTENCY_WITH_ANSWER = `You compare two pictures: first the one given, then an edited one. The task was: {instruction}
The right answer is: {reference}

Is everything kept that the task does not ask to change: layout, figures, symbols, colours, style? The place where an answer is drawn or
written does not count, whether the answer is right or wrong. ${WATERMARK}

1 Kept.
0 Something else has changed.

Say first what differs.
${BINARY_LINE}`

const LOGICAL_BY_TEXT = `You see an edited picture. The task was: {instruction}
The right answer is: {reference}

Does the picture give this answer, whole and right, and no other content beside it? ${WATERMARK}

1 Yes.
0 No: it is wrong, incomplete, unreadable, or there is more than was asked for.

Say first which answer the picture gives.
${BINARY_LINE}`

const LOGICAL_BY_IMAGE = `You see two pictures: first one with the right answer, then one to be judged. The task was: {instruction}

Does the second picture give the same answer as the first? Small differences of drawing do not count. ${WATERMARK}

1 Yes.
0 No.

Say first which answer each of the two gives.
${BINARY_LINE}`

const LOGICAL_BY_IMAGE_WITHOUT_QUESTION = `You see two pictures: first one with the right answer to a puzzle, then one to be judged.

Does the second picture give the same answer as the first? Small differences of drawing do not count. ${WATERMARK}

1 Yes.
0 No.

Say first which answer each of the two gives.
${BINARY_LINE}`

export const PROMPTS = {
  consistency: CONSISTENCY,
  reasoning: REASONING,
  'reasoning-with-original': REASONING_WITH_ORIGINAL,
  plausibility: PLAUSIBILITY,
  'spatial-reasoning': SPATIAL_REASONING,
  'spatial-reasoning-with-original': SPATIAL_REASONING_WITH_ORIGINAL,
  'spatial-reasoning-by-image': SPATIAL_REASONING_BY_IMAGE,
  'spatial-consistency': SPATIAL_CONSISTENCY,
  'spatial-plausibility': SPATIAL_PLAUSIBILITY,
  'logical-consistency': LOGICAL_CONSISTENCY,
  'logical-consistency-with-answer': LOGICAL_CONSISTENCY_WITH_ANSWER,
  'logical-by-text': LOGICAL_BY_TEXT,
  'logical-by-image': LOGICAL_BY_IMAGE,
  'logical-by-image-without-question': LOGICAL_BY_IMAGE_WITHOUT_QUESTION,
} as const satisfies Prompts
