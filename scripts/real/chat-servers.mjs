// `transformers serve` with a tiny random Qwen2.5-VL: doctor, an edit and an evaluation through thinker-chat.
// Nothing is trained through it: it trains no policy, and what random weights say is no verdict.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, freePort } from './servers.mjs'
import { lookedThrough } from './through.mjs'

/** What `transformers[serving]` adds to the shared environment, which has the rest of it. */
const SERVING = ['fastapi', 'uvicorn', 'openai', 'python-multipart']

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
async function throughChat(given, name, url, model) {
  const cwd = join(given.folder, name)
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
  const { said, ok } = await lookedThrough(given, cwd, { thinker: 'thinker', wanted: 'plans' })
  return { date: given.today, result: said.join('; '), ok }
}
