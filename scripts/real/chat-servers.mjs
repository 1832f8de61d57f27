// `transformers serve` with a tiny random Qwen2.5-VL: doctor, and an evaluation through thinker-chat.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** What `transformers[serving]` adds to the shared environment, which has the rest of it. */
const SERVING = ['fastapi', 'uvicorn', 'openai', 'python-multipart']
const START_MS = 600_000

export async function serveRows(given) {
  return withServe(given, async ({ url, model, version }) => {
    const row = await throughChat(given, 'transformers-serve', url, model)
    return [
      {
        software: 'transformers serve',
        version,
        ...row,
        set: '`identity: config`; no `response_format`, no log-probabilities',
      },
    ]
  })
}

async function withServe({ root, folder }, use) {
  const home = process.env.DDA_VENV ?? join(root, '.venv')
  const python = join(home, 'bin/python')
  const target = join(folder, 'serving')
  if (!existsSync(target))
    execFileSync(python, ['-m', 'pip', 'install', '-q', '--target', target, ...SERVING], { stdio: 'pipe' })
  const model = join(folder, 'tiny-vl')
  if (!existsSync(model)) {
    execFileSync(python, [join(root, 'plugins/trainer-torch/python/tests/tiny_model.py'), model, 'qwen2_5_vl'], {
      stdio: 'pipe',
    })
  }
  const version = execFileSync(python, ['-c', 'import importlib.metadata as m; print(m.version("transformers"))'], {
    encoding: 'utf8',
  }).trim()
  const port = await freePort()
  // Appended, so that what the environment pins goes before what comes with these packages.
  const start = `import sys; sys.path.append(${JSON.stringify(target)}); from transformers.cli.transformers import main; main()`
  const args = ['-c', start, 'serve', model, '--host', '127.0.0.1', '--port', String(port), '--device', 'cpu']
  const server = spawn(python, args, { stdio: 'ignore' })
  try {
    const url = `http://127.0.0.1:${port}`
    await answers(`${url}/v1/models`, server)
    return await use({ url, model, version })
  } finally {
    server.kill()
  }
}

/** Plans of a random model are noise, so what counts is that each is a plan with a format verdict and not a failure. */
async function throughChat({ folder, dda, today }, name, url, model) {
  const cwd = join(folder, name)
  mkdirSync(cwd, { recursive: true })
  writeFileSync(
    join(cwd, 'dda.config.yaml'),
    `name: real-chat
seed: 3
thinker: { use: chat, endpoint: '${url}/v1', model: '${model}', identity: config, maxTokens: 24, timeoutSeconds: 600 }
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 0, held-out: 2 } }
judge: [{ use: tabletop }]
reward: { use: dual-atomic }
editor: { use: tabletop }
`,
  )
  const made = await dda(cwd, 'synthesize')
  const doctor = await dda(cwd, 'doctor')
  const evaluated = await dda(cwd, 'eval', '--thinker', 'thinker', '--name', 'real')
  const { samples = 0, masked = 0 } = evaluated.data?.thinkers?.thinker ?? {}
  const result = [
    doctor.ok === true ? 'doctor: ready' : `doctor: ${doctor.error?.code}`,
    evaluated.ok === true
      ? `eval: ${samples - masked} of ${samples} plans came back and were judged for their format`
      : `eval: ${evaluated.error?.code}`,
  ].join('; ')
  return { date: today, result, ok: made.ok === true && evaluated.ok === true && samples > 0 && masked === 0 }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function answers(url, server) {
  const until = Date.now() + START_MS
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`the server behind ${url} ended with ${server.exitCode}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await wait(500)
  }
  throw new Error(`nothing answers at ${url}`)
}
