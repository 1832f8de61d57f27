// LiteLLM's proxy as the gateway of all three roles: behind it are the stand-ins of thinker-chat, judge-vlm and editor-openai.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, freePort } from './servers.mjs'
import { built, lookedThrough, trainedThrough } from './through.mjs'

const VERSION = '1.108.7'
const KEY = 'sk-real-gateway-0123456789abcdef0123456789abcdef'

export async function gatewayRows(given) {
  const { folder, today, root } = given
  const home = join(folder, 'litellm')
  mkdirSync(home, { recursive: true })
  const program = installed(home)
  const fakes = {}
  for (const plugin of ['thinker-chat', 'judge-vlm', 'editor-openai']) {
    const { default: definition } = await built(root, `plugins/${plugin}`)
    fakes[plugin] = await definition.fake({ host: '127.0.0.1', port: 0 })
  }
  const port = await freePort()
  const config = join(home, 'litellm.yaml')
  writeFileSync(config, gatewayConfig(fakes))
  const log = openSync(join(home, 'litellm.log'), 'w')
  // The prices of models come from the package: without a network the proxy would wait for them.
  const env = { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_MASTER_KEY: KEY }
  const args = ['--config', config, '--host', '127.0.0.1', '--port', String(port)]
  const server = spawn(program, args, { stdio: ['ignore', log, log], env })
  try {
    const url = `http://127.0.0.1:${port}`
    await answers(`${url}/health/liveliness`, server).catch((error) => {
      throw new Error(`${error.message}\n${readFileSync(join(home, 'litellm.log'), 'utf8').slice(-1000)}`)
    })
    process.env['REAL_GATEWAY_KEY'] = KEY
    const at = `endpoints: ['${url}/v1'], apiKeyEnv: REAL_GATEWAY_KEY, identity: config`
    const editor = `editor: { use: openai, ${at}, model: real-editor }`
    const judge = `judge:\n  - { use: vlm, ${at}, model: real-judge }`
    writeFileSync(
      join(home, 'dda.config.yaml'),
      `name: real-gateway
seed: 3
thinker: { use: chat, ${at}, model: real-thinker }
synthesizer: [{ use: tabletop, curriculum: literal }]
synthesize: { count: { train: 0, held-out: 2 } }
reward: { use: dual-atomic }
${editor}
${judge}
`,
    )
    const looked = await lookedThrough(given, home, { thinker: 'thinker' })
    const trained = await trainedThrough(given, 'litellm', { editor, judge })
    return [
      {
        software: 'LiteLLM proxy',
        version: VERSION,
        date: today,
        result: [...looked.said, ...trained.said].join('; '),
        set: '`num_retries: 0` in the proxy, else it repeats calls too; a `master_key`; `identity: config`',
        ok: looked.ok && trained.ok,
      },
    ]
  } finally {
    server.kill()
    await Promise.all(Object.values(fakes).map((fake) => fake.close()))
  }
}

/** In an environment of its own: its pins are many. */
function installed(home) {
  const given = process.env['DDA_LITELLM']
  if (given !== undefined) return given
  const program = join(home, 'venv/bin/litellm')
  if (existsSync(program)) return program
  execFileSync('python3', ['-m', 'venv', join(home, 'venv')], { stdio: 'pipe' })
  execFileSync(join(home, 'venv/bin/pip'), ['install', '-q', `litellm[proxy]==${VERSION}`], { stdio: 'pipe' })
  return program
}

function gatewayConfig(fakes) {
  const row = (alias, fake, mode) => {
    const { model = 'stand-in' } = fake.options
    const behind = `model: 'openai/${model}', api_base: '${fake.url}', api_key: none, num_retries: 0`
    return `  - { model_name: ${alias}, litellm_params: { ${behind} }, model_info: { mode: ${mode} } }`
  }
  return `model_list:
${row('real-thinker', fakes['thinker-chat'], 'chat')}
${row('real-judge', fakes['judge-vlm'], 'chat')}
${row('real-editor', fakes['editor-openai'], 'image_edit')}
litellm_settings: { num_retries: 0 }
general_settings: { master_key: os.environ/LITELLM_MASTER_KEY }
`
}
