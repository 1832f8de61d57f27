export type { CanaryReport } from './canary-edit.ts'
export { diagnose, type DiagnoseOptions, type EndpointCheck, roleFailed, type RoleCheck } from './diagnose.ts'
export type { FailureFacts } from './failure-facts.ts'
export { pictureDifference, type PictureDifference } from './picture-difference.ts'
