// Data sets as trainers of others read them, and the settings that go with each.
export { ENGINE_FORMATS, writeEngineData, type EngineData, type EngineDataOptions } from './write-engine-data.ts'
export type { EngineFormat } from './data-writer.ts'
export { promptOf, promptOption } from './prompt-option.ts'
export { DEFAULT_ENGINE_PROMPT, engineMessages, type EngineMessage, type EnginePrompt } from './engine-prompt.ts'
