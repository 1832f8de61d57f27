#!/usr/bin/env node
// Stands in for the interpreter of trainer-trl: the frames, requests and files of python/dda_trl, over a training that learns nothing.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const METHODS = {
  start: () => ({}),
  step: () => ({ metrics: { 'trl/loss': 0.5 } }),
  save({ folder }) {
    mkdirSync(join(folder, 'checkpoint'), { recursive: true })
    model(join(folder, 'checkpoint'))
    return {}
  },
  export({ folder }) {
    model(folder)
    return {}
  },
}

function model(folder) {
  writeFileSync(join(folder, 'config.json'), '{}')
  writeFileSync(join(folder, 'model.safetensors'), 'weights')
}

function send(header) {
  const json = Buffer.from(JSON.stringify({ ...header, parts: [] }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  process.stdout.write(Buffer.concat([length, json]))
}

function answer({ type, id, method, params }) {
  if (type !== 'request') return
  send({ type: 'started', id })
  send({ type: 'result', id, data: METHODS[method](params) })
}

let pending = Buffer.alloc(0)
process.stdin.on('data', (chunk) => {
  pending = Buffer.concat([pending, chunk])
  while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE()) {
    const end = 4 + pending.readUInt32BE()
    answer(JSON.parse(pending.subarray(4, end).toString()))
    pending = pending.subarray(end)
  }
})
send({ type: 'hello', protocol: 1, python: '3', pid: process.pid, name: 'trainer-trl', capabilities: { trl: '1.16' } })
