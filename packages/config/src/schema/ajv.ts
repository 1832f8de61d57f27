// A file of its own: the build puts the library itself in the place of this re-export (scripts/build.mjs).
export { Ajv } from 'ajv'
