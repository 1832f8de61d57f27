import { errors } from './errors.ts'

const SECRET = /^(?:api[-_]?key|key|token|access[-_]?token|secret|secret[-_]?access[-_]?key|password|authorization)$/i

/** Keys never stand in a config. @throws DdaError `DDA_AI_SDK_OPTIONS` */
export function checkSecrets(options: Readonly<Record<string, unknown>>, path = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const at = path === '' ? name : `${path}.${name}`
    if (typeof value === 'string' && SECRET.test(name)) throw errors.make('DDA_AI_SDK_OPTIONS/secret', { name: at })
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      checkSecrets(value as Readonly<Record<string, unknown>>, at)
  }
}
