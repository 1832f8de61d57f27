#!/usr/bin/env bash
# ai 6.0.326 with @ai-sdk/openai 3.0.141: a 429 whose Retry-After says 5 seconds is waited for; one that says 90 is not
# shortened to some limit but ignored: the next tries follow after the usual 2 and 4 seconds, against a server that has just
# said when to come back. With the default of two retries the call has failed after six seconds.
# Seen by counting the requests that arrive at a local server and when.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund ai@6.0.326 @ai-sdk/openai@3.0.141
cat >see.mjs <<'JS'
import { createServer } from 'node:http'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText } from 'ai'

for (const seconds of [5, 90]) {
  const arrivals = []
  const server = createServer((_, response) => {
    arrivals.push(Date.now())
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': String(seconds) })
    response.end(JSON.stringify({ error: { message: 'too many requests', type: 'rate_limit', code: null, param: null } }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const provider = createOpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}/v1` })
  await generateText({ model: provider.chat('any'), prompt: 'hello' }).catch(() => {})
  const waits = arrivals.slice(1).map((at, index) => Math.floor((at - arrivals[index] + 100) / 1000))
  console.log(`Retry-After ${seconds}: waited ${waits.join(' and ')} s`)
  server.closeAllConnections()
  server.close()
}
JS
node see.mjs | tee seen
diff seen - <<'SEEN'
Retry-After 5: waited 5 and 5 s
Retry-After 90: waited 2 and 4 s
SEEN
