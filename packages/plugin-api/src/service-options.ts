/**
 * Names of options, in whatever plugin, that say where a service is and how it is called. They have no part in results: they are in
 * no fingerprint, and a run continues although they changed. A plugin uses these names for nothing else.
 */
export const SERVICE_OPTIONS: readonly string[] = [
  'endpoint',
  'endpoints',
  'apiKeyEnv',
  'apiKeyHeader',
  'headers',
  'perEndpoint',
  'adaptive',
  'strategy',
  'timeoutSeconds',
  'attempts',
  'retryDelaySeconds',
  'breakerFailures',
  'breakerSeconds',
  'giveUpSeconds',
  'maxPauseSeconds',
  'price',
]
