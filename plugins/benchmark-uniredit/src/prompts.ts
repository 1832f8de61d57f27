const FORM = `Give your reasons in a few sentences. Then write, on a line of its own and once only:
**Final Score:** followed by one whole number from 1 to 5.`

/** Our wording; the official prompts are not part of this package. */
export const PROMPTS = {
  consistency: `You see a picture and an edit of it. The edit was asked for by this instruction:

{instruction}

Judge only whether everything that the instruction does not call to change is still the same: objects, persons, text, background, style, viewpoint.
5: nothing else changed. 4: one detail that hardly shows. 3: several small differences, or one that shows. 2: large parts differ. 1: another scene.
Changes that follow from the instruction are not counted against it.

${FORM}`,
  reasoning: `You see, in this order, a picture, a reference that shows a right result, and an edit of the first picture. The instruction was:

{instruction}

The right result in words: {reference}

Judge only whether the edit shows the result that the instruction demands once it is thought through. The reference is one right result; another is
right too where it differs only in what the instruction leaves open.
5: all of it is right. 4: right but for a detail. 3: the right idea, with a part missing or wrong. 2: little of it. 1: none of it, or no change.

${FORM}`,
  quality: `You see one picture, which may be the product of an editing program. Judge only how well it is made: structure, edges,
texture, light, absence of artifacts, whatever it shows. Drawn and game pictures are judged by their own style.
5: nothing gives the editing away. 4: a flaw that one has to look for. 3: flaws that show. 2: flaws that spoil it. 1: broken.

${FORM}`,
} as const
