#!/usr/bin/env bash
# ai 6.0.326 with @ai-sdk/openai 3.0.141 and pictures written by sharp 0.34.5 (libvips): the SDK tells a picture's type from
# its first bytes, and for AVIF wants one size of the first box. libvips writes another that the format allows as well, so
# a good AVIF is sent to the image model as image/png, and one that comes back is handed to the caller as image/png.
# JPEG and WebP beside it are named rightly. A caller who trusts mediaType writes .png files that are none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund ai@6.0.326 @ai-sdk/openai@3.0.141 sharp@0.34.5
cat >see.mjs <<'JS'
import { createServer } from 'node:http'
import { createOpenAI } from '@ai-sdk/openai'
import { generateImage } from 'ai'
import sharp from 'sharp'

let picture
let declared
const server = createServer(async (request, response) => {
  const parts = []
  for await (const part of request) parts.push(part)
  declared = /name="image"[^\r]*\r\ncontent-type: ([^\r]+)/i.exec(Buffer.concat(parts).toString('latin1'))?.[1]
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ created: 1, data: [{ b64_json: picture.toString('base64') }] }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const provider = createOpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}/v1` })
for (const format of ['jpeg', 'webp', 'avif']) {
  picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c33' } }).toFormat(format).toBuffer()
  const result = await generateImage({
    model: provider.image('gpt-image-1'),
    prompt: { text: 'make it blue', images: [picture] },
  })
  console.log(`${format}: sent as ${declared}, received as ${result.images[0].mediaType}`)
}
server.closeAllConnections()
server.close()
JS
node see.mjs | tee seen
diff seen - <<'SEEN'
jpeg: sent as image/jpeg, received as image/jpeg
webp: sent as image/webp, received as image/webp
avif: sent as image/png, received as image/png
SEEN
