import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'

/** Bodies are taken as they are; what a URL or a header holds is text, and is read as the schema says. */
export function requestSchemas(): FastifySchemaCompiler<object> {
  const options = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false } as const
  const body = new Ajv({ ...options, coerceTypes: false })
  const text = new Ajv({ ...options, coerceTypes: 'array' })
  return ({ schema, httpPart }) => (httpPart === 'body' ? body : text).compile(schema)
}
