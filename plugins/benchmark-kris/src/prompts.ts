import type { Prompts } from '@dda-thinker/benchmark-kit'

// Own wording of what KRIS-Bench asks its judge: same pictures, same metrics, same scale, same JSON.

const json = (...keys: readonly string[]): string =>
  `Answer with one JSON object and nothing else: {${keys.map((key) => `"${key}_score": <1 to 5>, "${key}_reasoning": "<one or two sentences>"`).join(', ')}}`

const one = (key: string): string =>
  `Answer with one JSON object and nothing else: {"${key}_score": <1 to 5>, "reasoning": "<one or two sentences>"}`

const CONSISTENCY_SCALE = `5 Nothing but what the instruction is about has changed.
4 One small detail more has changed.
3 Something has clearly changed that should not have.
2 Several important things have changed.
1 Hardly anything was kept.`

const INSTRUCTION_SCALE = `5 Done completely and exactly.
4 Done, with a small inexactness.
3 Done in part.
2 Hardly done, or mostly wrong.
1 Not done, or something else was.`

const PROCEDURE = `Go step by step: what differs between the pictures; what a right result would show; which of that is there; then decide.`

export const PROMPTS = {
  consistency: `You compare an original picture and its edited version. The instruction was: {instruction}

Rate how well everything is kept that the instruction does not mention: objects, look, background, style, light, view. What the
instruction asks for does not count, whether done well or not.

${CONSISTENCY_SCALE}

${one('consistency')}`,

  'consistency-temporal': `You see frames of one sequence and, last, a frame that was generated for it. The instruction was: {instruction}

Rate how well the generated frame keeps what does not change over time in the given frames: subject, scene, style, camera.

${CONSISTENCY_SCALE}

${one('consistency')}`,

  'consistency-multi': `You see several source pictures and, last, one that was composed of them. The instruction was: {instruction}

Find the source that serves as background. Rate how well everything of it is kept that the instruction does not change.

${CONSISTENCY_SCALE}

${one('consistency')}`,

  quality: `You see an edited picture. Rate its technical quality, whatever it shows: is every structure whole (limbs, faces, letters, edges); does
it look natural in light, shadow and perspective; is it free of artifacts, seams and noise; are textures right and sharp?

5 Clean in all respects.
4 One slight flaw.
3 A flaw that catches the eye.
2 Several flaws.
1 Broken.

${one('quality')}`,

  instruction: `You compare an original picture and its edited version. The instruction was: {instruction}

Rate how well the instruction was carried out. ${PROCEDURE}

${INSTRUCTION_SCALE}

${one('instruction')}`,

  'instruction-anomaly': `You compare an original picture, which has something wrong in it, and its edited version. The instruction was: {instruction}
What is wrong, and what is right: {explanation}

Rate how well it was put right. If nothing has visibly changed, the score is 1. ${PROCEDURE}

${INSTRUCTION_SCALE}

${one('instruction')}`,

  'instruction-viewpoint': `You see an original picture, its edited version and a picture of the right result. The instruction was: {instruction}

Rate how well the edited version shows the view that was asked for; the third picture shows what that view is like. ${PROCEDURE}

${INSTRUCTION_SCALE}

${one('instruction')}`,

  'instruction-temporal': `You see the frames of a sequence in their order; the one marked as generated was to be predicted. The instruction was: {instruction}

Rate how well the generated frame shows what belongs at its place in the sequence. ${PROCEDURE}

${INSTRUCTION_SCALE}

${one('instruction')}`,

  'instruction-multi': `You see several source pictures and, last, one that was composed of them. The instruction was: {instruction}

Rate how well the instruction was carried out: is every element there, from the right source, at the right place? ${PROCEDURE}

${INSTRUCTION_SCALE}

${one('instruction')}`,

  joint: `You compare an original picture and its edited version. The instruction was: {instruction}
What one has to know: {explanation}

Give two scores.
instruction: how well the instruction was carried out. ${PROCEDURE}
${INSTRUCTION_SCALE}
knowledge: how far what is shown agrees with what one has to know about the world.
5 It agrees in full. 4 Nearly. 3 In part. 2 Mostly not. 1 It contradicts it.
If the instruction score is 1 or 2, the knowledge score is 1.

${json('instruction', 'knowledge')}`,
} as const satisfies Prompts
