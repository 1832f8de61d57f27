import { readFileSync } from 'node:fs'

/** Version of the framework; all packages share it. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
