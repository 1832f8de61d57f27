// The server's side of a websocket (RFC 6455), as far as ComfyUI's /ws needs it: handshake, unmasked messages out, and
// from the client only pings and the closing frame.
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface ServerSocket {
  sendJson(value: unknown): void
  sendBytes(bytes: Uint8Array): void
  /** Breaks the connection without a closing frame. */
  destroy(): void
}

export function acceptWebSocket(request: IncomingMessage, stream: Duplex, onClose: () => void): ServerSocket {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64')
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let rest: Buffer = Buffer.alloc(0)
  stream.on('data', (data: Buffer) => {
    rest = Buffer.concat([rest, data])
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.size)
      if (frame.opcode === OPCODES.ping) stream.write(frameOf(OPCODES.pong, frame.payload))
      if (frame.opcode === OPCODES.close) stream.end(frameOf(OPCODES.close, frame.payload.subarray(0, 2)))
    }
  })
  stream.on('error', () => {})
  stream.on('close', onClose)
  return {
    sendJson: (value) => void stream.write(frameOf(OPCODES.text, Buffer.from(JSON.stringify(value)))),
    sendBytes: (bytes) => void stream.write(frameOf(OPCODES.binary, bytes)),
    destroy: () => void stream.destroy(),
  }
}

function frameOf(opcode: number, payload: Uint8Array): Uint8Array {
  const small = payload.length < 126
  const head = Buffer.alloc(small ? 2 : 10)
  head[0] = 0x80 | opcode
  head[1] = small ? payload.length : 127
  if (!small) head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

function readFrame(
  data: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | undefined {
  if (data.length < 6) return undefined
  const short = (data[1] ?? 0) & 0x7f
  // Clients send short control frames only, always masked.
  const at = short === 126 ? 4 : 2
  const length = short === 126 ? data.readUInt16BE(2) : short
  const size = at + 4 + length
  if (data.length < size) return undefined
  const mask = data.subarray(at, at + 4)
  const payload = Buffer.from(data.subarray(at + 4, size).map((byte, i) => byte ^ (mask[i % 4] ?? 0)))
  return { opcode: (data[0] ?? 0) & 0x0f, payload, size }
}
