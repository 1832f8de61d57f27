/** The world's draws and hashes are those of everybody. */
export { fnv1a as hashText, mulberry32 as randomOf } from '@dda-thinker/plugin-api'
