/** Tag 0x0112 (274), Orientation, of type SHORT. */
const ORIENTATION = 0x0112
/** Entries of a directory that are looked at: files have a few dozens. */
const MOST_ENTRIES = 512

/**
 * Orientation in a block of EXIF: a TIFF header and its first directory (EXIF 3.0, 4.5 and 4.6.5.1).
 * @param block from the byte order on, or from `Exif\0\0`
 * @returns 1 to 8; undefined where there is none, or none that can be read
 */
export function exifOrientation(block: Buffer): number | undefined {
  const tiff = block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return undefined
  const short = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  if (directory + 2 > tiff.length) return undefined
  const count = Math.min(short(directory), MOST_ENTRIES)
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > tiff.length) return undefined
    if (short(entry) === ORIENTATION) return valid(short(entry + 8))
  }
  return undefined
}

/** The same in XMP (`tiff:Orientation` as attribute or element), which Pillow reads where EXIF says nothing. */
export function xmpOrientation(packet: Buffer): number | undefined {
  const found = /tiff:Orientation(?:="|>)([1-8])/.exec(packet.toString('latin1'))
  return found === null ? undefined : valid(Number(found[1]))
}

function valid(value: number): number | undefined {
  return value >= 1 && value <= 8 ? value : undefined
}
