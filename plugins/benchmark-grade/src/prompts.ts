const SCORE = `Answer with one JSON object and nothing else, without a code fence:
{"Instruction": "the instruction", "Final Score": 0, 1 or 2, "Reason": "one or two sentences"}`

/** Our wording; the official prompts are not part of this package. */
export const PROMPTS = {
  reasoning: `You check an edited figure of a scientific or technical discipline. You see the original picture, the edited one, and a right result,
then questions. Answer each question about the edited picture, yes or no, by what can be seen; the other two serve for comparison. Say yes only where
it is clearly so. Wording may differ where the meaning is the same, and small inaccuracies of drawing do not count; but go by what is
drawn and where, not by labels alone.

Answer with one JSON array and nothing else, without a code fence, one entry a question, in their order:
[{"question": "the question", "answer": "Yes or No", "reason": "one sentence"}]`,
  'consistency-overall': `You see a figure and an edit of it, made by this instruction:

{instruction}

Judge whether everything that the instruction does not call to change is still the same in content (labels, values, objects, relations) and in drawing
(lines, colours, fonts). Whether the change itself is right is not asked.
2: the same but for traces. 1: noticeable differences, yet plainly the same figure. 0: another figure.

${SCORE}`,
  'consistency-style': `You see a figure and an edit of it, made by this instruction:

{instruction}

Judge whether both are drawn in the same manner: kind of representation, flat or spatial, use of colour, background. What the instruction demands does
not count against it.
2: the same manner. 1: partly. 0: another manner.

${SCORE}`,
  readability: `You see a figure. Judge how well it can be read: text and notation, place of labels, elements that can be told apart, usual
symbols, contrast and resolution.
2: at a glance. 1: with effort. 0: as a whole it cannot be understood.

Answer with one JSON object and nothing else, without a code fence: {"Final Score": 0, 1 or 2, "Reason": "one or two sentences"}`,
} as const
