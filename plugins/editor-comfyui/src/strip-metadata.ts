const SIGNATURE_BYTES = 8
const METADATA = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME'])

/**
 * A PNG without its texts, EXIF data and time (PNG specification, third edition, sections 11.3.3 to 11.3.5). ComfyUI
 * writes the whole workflow, and with it the plan, into every picture it saves: a judge of pictures must not be handed
 * the plan, and equal pixels should be equal bytes.
 *
 * @param bytes a whole PNG, checked before
 */
export function stripMetadata(bytes: Uint8Array): Uint8Array {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kept: Uint8Array[] = [data.subarray(0, SIGNATURE_BYTES)]
  for (let at = SIGNATURE_BYTES; at + 12 <= data.length;) {
    const end = at + 12 + data.readUInt32BE(at)
    if (!METADATA.has(data.toString('latin1', at + 4, at + 8))) kept.push(data.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}
