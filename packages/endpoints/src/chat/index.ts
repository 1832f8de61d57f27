// OpenAI-compatible chat completions with pictures.
export { afterThinking } from './after-thinking.ts'
export { readAnswer, type ChatAnswer, type TokenChance, type TokenChoice } from './answer.ts'
export { complete } from './complete.ts'
export { askMadeUp } from './made-up-question.ts'
export { mergeFields, type Fields } from './fields.ts'
export { withoutFence } from './without-fence.ts'
export { picturePart, textPart, type Message, type Part, type PictureOptions } from './message.ts'
