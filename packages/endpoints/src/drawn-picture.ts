import { crc32, deflateSync } from 'node:zlib'

/** A made-up picture to try servers with: a red ball on a grey ground, a PNG of the given side in pixels. */
export function drawnPicture(side: number): Uint8Array {
  const lines = Buffer.alloc(side * (1 + 3 * side), 0xb0)
  for (let y = 0; y < side; y++) {
    const start = y * (1 + 3 * side)
    lines[start] = 0
    for (let x = 0; x < side; x++) {
      const isBall = (x - side / 2) ** 2 + (y - side / 2) ** 2 < (side / 4) ** 2
      if (isBall) lines.set([0xc0, 0x39, 0x2b], start + 1 + 3 * x)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, body: Uint8Array): Buffer {
  const whole = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), body, Buffer.alloc(4)])
  whole.writeUInt32BE(body.length, 0)
  whole.writeUInt32BE(crc32(whole.subarray(4, -4)), whole.length - 4)
  return whole
}
