// The frame of our HTTP servers. What a server says is its own package's matter.
export { type ErrorBody, errorBody, errorStatus, outward } from './error-body.ts'
export {
  createHttpService,
  type HttpService,
  type HttpServiceOptions,
  type Listening,
  type ServiceState,
} from './http-service.ts'
export { requireAddress } from './require-address.ts'
export { isLoopback } from './addresses.ts'
export { fired, waitFor } from './wait-for.ts'
