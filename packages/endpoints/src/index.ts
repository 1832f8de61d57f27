// Calling model servers over HTTP: pools of endpoints, retries, keys, and the guards on what comes back.
export { AdaptiveLimit, type AdaptiveLimitOptions } from './adaptive-limit.ts'
export { isPrivateAddress } from './address-guard.ts'
export { decodeBase64Image, toDataUrl } from './base64-image.ts'
export { CircuitBreaker, type BreakerState, type CircuitBreakerOptions } from './circuit-breaker.ts'
export { Connections, type ConnectionsOptions } from './connections.ts'
export { diagnoseEndpoints, type DiagnoseOptions, type EndpointFacts, listModels } from './diagnose.ts'
export { drawnPicture } from './drawn-picture.ts'
export {
  again,
  EndpointError,
  endpointErrors,
  isAbsence,
  isStray,
  isTransient,
  mayPass,
  mustStop,
  STOP_CODES,
  type EndpointErrorDetails,
  type EndpointRowDetails,
} from './endpoint-error.ts'
export { checkEndpointUrls, endpointOptions, type EndpointOptions } from './endpoint-options.ts'
export { EndpointPool, type EndpointPoolOptions, type PoolCall } from './endpoint-pool.ts'
export { EndpointSession, QUICK_MS, type EndpointSessionOptions, type SessionRequest } from './endpoint-session.ts'
export type { Endpoint, EndpointStatus } from './endpoint.ts'
export { GuardedClient, type GuardedClientOptions } from './guarded-client.ts'
export { HttpClient, type HttpClientOptions, type HttpRequest, type HttpResponse, USER_AGENT } from './http-client.ts'
export { ImageFetcher, type FetchImageRequest, type ImageFetcherOptions } from './image-fetcher.ts'
export { madeUpEdit } from './made-up-edit.ts'
export { modelIdentity, type ModelIdentityOptions } from './model-identity.ts'
export { encodeJson, encodeMultipart, type EncodedBody, type FormField } from './multipart.ts'
export { isSamePrompt, requestFields, sortedByName, type RequestFieldsOptions, type Scalar } from './request-fields.ts'
export { RefusalWatch } from './refusal-watch.ts'
export { responseError } from './response-error.ts'
export { retryAfterMs } from './retry-after.ts'
export { RetryPolicy, type RetryPolicyOptions } from './retry-policy.ts'
export { sampleInput } from './sample-input.ts'
export { says } from './says.ts'
export { Redactor, Secret } from './secrets.ts'
export { identifyModel, type Service, ServiceFrame, type ServiceFrameOptions } from './service-frame.ts'
export { readBody, sendJson, serveStandIn, type StandInPlace } from './stand-in-frame.ts'
