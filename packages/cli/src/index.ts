export { EXIT_CODES, type ExitCode, type ExitName } from './terminal/exit-codes.ts'
export { main } from './main.ts'
export { type Envelope, ENVELOPE_VERSION, type ErrorReport } from './terminal/output.ts'
