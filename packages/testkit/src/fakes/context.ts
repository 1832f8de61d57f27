import type { ImageStore, Logger, RoleContext } from '@dda-thinker/plugin-api'
import { MemoryImages } from './image-store.ts'

/** A {@link Logger} that keeps what it was told, as `level: message`. */
export class MemoryLog implements Logger {
  readonly lines: string[] = []

  debug(message: string): void {
    this.lines.push(`debug: ${message}`)
  }

  info(message: string): void {
    this.lines.push(`info: ${message}`)
  }

  warn(message: string): void {
    this.lines.push(`warn: ${message}`)
  }
}

/** What the engine would give a role when it opens it. Default: fresh pictures, a fresh log, seed 1, never aborted. */
export function makeContext(given: Partial<RoleContext> = {}): RoleContext & { readonly images: ImageStore } {
  return {
    images: given.images ?? new MemoryImages(),
    signal: given.signal ?? new AbortController().signal,
    log: given.log ?? new MemoryLog(),
    seed: given.seed ?? 1,
  }
}
