import { createReadStream } from 'node:fs'

/** Characters of a line above which it is no line of a data file: a picture in base64 has some 10^7. */
const LONGEST = 512 * 1024 * 1024

/**
 * Lines of a UTF-8 file, without their line ends, one at a time. Only LF and CR LF end a line: readline of Node 24 also takes
 * U+2028 and U+2029, which may stand inside a JSON string.
 */
export async function* textLines(path: string): AsyncIterable<string> {
  let parts: string[] = []
  let length = 0
  let first = true
  const take = (end: string): string => {
    const line = parts.length === 0 ? end : parts.join('') + end
    parts = []
    length = 0
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line
    if (!first) return bare
    first = false
    return bare.startsWith('\uFEFF') ? bare.slice(1) : bare
  }
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const text = chunk as string
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      yield take(text.slice(start, end))
      start = end + 1
    }
    if (start === text.length) continue
    parts.push(text.slice(start))
    length += text.length - start
    if (length > LONGEST) throw new RangeError(`a line of ${path} is longer than ${LONGEST} characters`)
  }
  if (parts.length > 0) yield take('')
}
