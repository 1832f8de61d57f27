export { EXIT_CODES, type ExitCode, type ExitName } from './exit-codes.ts'
export { main } from './main.ts'
export { type Envelope, ENVELOPE_VERSION, type ErrorReport } from './output.ts'
