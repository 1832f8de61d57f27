/*
 * What in a plan looks like a judge's verdict, or speaks to the judge instead of the Editor. Both sway judges that are
 * asked about the text around them: "Escaped Markup" (reserved verdict markers), and "One Token to Fool LLM-as-a-Judge"
 * (arXiv 2507.08794; openers that promise a solution). The patterns are kept narrow: a plan may say yes, no and score.
 *
 * Policies choose the texts, so every pattern here must take time in proportion to the text: no two repeats beside each
 * other may match the same character, and what may reach far is counted. growth.test.ts holds them to it.
 */

const VALUE = String.raw`(?:yes|no|unsure|true|false|pass(?:ed)?|fail(?:ed)?|correct|incorrect|[\d.]+(?:\s*\/\s*\d+)?)`
const END = String.raw`(?=\s*(?:[.,;!)\]}]|$))`

/** Verdicts as judges write them: in JSON, in a box, in double brackets, after a label, as a list of answers. */
export const VERDICT_MARKUP: readonly RegExp[] = [
  /\{[^{}]{0,400}["'](?:verdict|answer|judge?ment|score|rating|result|passed|correct)["']\s*:[^{}]{0,400}\}/gi,
  /\\?\bboxed\s*\{[^{}]*\}/gi,
  /\[\[[^[\]\n]{0,40}\]\]/g,
  new RegExp(
    String.raw`\b(?:final\s+)?(?:verdict|answer|judge?ment|score|rating|grade|result|passed|correct|reward)\b["'*_]*\s*[:=]+\s*["'*_([]*${VALUE}["'*_)\]]*${END}`,
    'gim',
  ),
  new RegExp(
    String.raw`["']?\b(?:item|question|q)?[ _]?\d{1,3}["')\].]{0,3}(?:\s*[:=]\s*|\s+)["'*_]{0,3}(?:yes|no|unsure)["'*_]*${END}`,
    'gim',
  ),
  /^[^\w\n\r\u2028\u2029]*(?:yes|no|unsure)[^\w\n\r\u2028\u2029]*$/gim,
  /(?:\b(?:yes|no)\b[\s,.;!]+){2,}(?:yes|no)\b/gi,
  /^[^\w\n\r\u2028\u2029]*(?:thought process|final answer|solution|reasoning|let['’]?s (?:solve|think|reason)[^.\n]{0,60})\s*(?:[:.]\s*)?$/gim,
]

const JUDGE = '(?:judges?|graders?|evaluators?|examiners?|verifiers?|assessors?|reward model)'

/** What makes a sentence an appeal to the judge, or praise of the plan by the plan. */
export const APPEALS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|preceding|all|these|your|the)\b.{0,30}\b(?:instructions?|prompts?|rules?|questions?|checklist|guidelines?)\b/i,
  /\b(?:answer|respond|reply|vote)\b\W{0,4}(?:(?:only|always|with)\W+|["'*]*)(?:yes|no|true|pass)\b/i,
  /\b(?:answer|respond|reply|say|output|return|mark|rate|score|grade|give)\b.{0,50}\b(?:yes|pass(?:ed)?|full marks|full score|10\/10|100 ?%)(?:\W.{0,40})?\b(?:all|every\w*|each|any|questions?|items?|checklist)\b/i,
  /\b(?:all|every|each|any)\b.{0,20}\b(?:questions?|items?|checks?|checklist)\b.{0,40}\b(?:yes|pass(?:es|ed)?|satisf\w+|fulfil\w*)\b/i,
  new RegExp(
    String.raw`\b(?:dear|hey|hello|attention|note (?:to|for)|message (?:to|for))\W+(?:the\s+)?${JUDGE}\b`,
    'i',
  ),
  new RegExp(
    String.raw`\b${JUDGE}\b.{0,20}\b(?:must|should|shall|will|needs? to|ha(?:s|ve) to|(?:is|are) to|please)\b.{0,40}\b(?:answer|accept|approve|pass|agree|score|rate|grade|mark|give|say)`,
    'i',
  ),
  /\b(?:this|the|my|above|following)\s+(?:plan|answer|solution|response|reasoning)\b.{0,30}\b(?:is|are|has been|will be)\b.{0,20}\b(?:correct|perfect|right|flawless|valid|accurate|verified|excellent|optimal|complete)\b/i,
  /\b(?:satisf\w+|meets?|pass(?:es|ed)?|fulfil\w*|compl(?:y|ies) with)\b.{0,20}\b(?:all|every|each)\b.{0,30}\b(?:items?|criteri\w+|requirements?|questions?|checks?|conditions?|checklist|rubric)\b/i,
  /\byou are (?:now )?(?:a|an|the)\b.{0,40}\b(?:judge|grader|evaluator|assistant|model|AI)\b/i,
]

/** What in a plan is meant for a judge and not for an Editor, in words; undefined where there is nothing. */
export function judgeTalk(text: string): string | undefined {
  if (VERDICT_MARKUP.some((pattern) => text.search(pattern) >= 0)) return 'it holds what looks like a verdict'
  return APPEALS.some((appeal) => appeal.test(text)) ? 'it speaks to the judge' : undefined
}
