import { readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'

/** Far beyond any picture, prompt, checklist or table of figures; what is longer is read by lines, or is not what it should be. */
const MOST_BYTES = 256 * 2 ** 20

/**
 * Bytes of a file that somebody names and that has to be read whole, unless it is longer than it can be: that is found before it takes memory.
 *
 * @param maxBytes default 256 MiB
 * @throws the file system's error, or a RangeError that names the size
 */
export async function readWhole(file: string, maxBytes: number = MOST_BYTES): Promise<Buffer> {
  check((await stat(file)).size, maxBytes)
  return readFile(file)
}

/** {@link readWhole}, at once. */
export function readWholeSync(file: string, maxBytes: number = MOST_BYTES): Buffer {
  check(statSync(file).size, maxBytes)
  return readFileSync(file)
}

function check(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new RangeError(`it has ${size} bytes, and no more than ${maxBytes} are read`)
}
