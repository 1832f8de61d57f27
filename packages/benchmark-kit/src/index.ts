// What benchmark plugins share: reading official files as their scripts do, and means that leave out what is not there.
export { ChatJudge, JUDGE_OPTIONS, type JudgeOptions } from './chat-judge.ts'
export { officialFinalScore, strictFinalScore, type Reading } from './final-score.ts'
export { insidePath, isFileName } from './inside-path.ts'
export { mean, percentageOfFive, row } from './means.ts'
export { fillPrompt, loadPrompts, promptsFingerprint, type Prompts } from './prompts.ts'
export { PY_DIGIT, PY_SPACE, PY_WORD_END, PY_WORD_START, pyInt, pyIntOf } from './python-text.ts'
export { ANSWERS_FILE, readAnswerFile, writeAnswerFile } from './answer-file.ts'
export { readJson, readPickle, type Plain } from './read-records.ts'
