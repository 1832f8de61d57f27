import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isDdaError } from '@dda-thinker/plugin-api'
import { scaffold, TEMPLATES } from '@dda-thinker/scaffold'
import { ask, type Answers } from './ask.ts'

const HELP = `npm create dda-thinker [folder] -- [options]

  --template NAME   ${Object.keys(TEMPLATES).join(', ')}
  --name NAME       name of the project or plugin (default: that of the folder)
  --from PLACE      where the packages come from: a folder of tarballs, or the URL of a registry (default: that of npm)
  --install         run npm install at the end; --no-install does not
  --force           write into a folder that is not empty
  --yes             ask nothing; defaults stand for what is not given
  --help

On a terminal, what is not given is asked for.
`

const DEFAULTS: Answers = { dir: 'dda-project', template: 'project', name: undefined, from: undefined, install: false }

/** @returns exit status: 0 done, 1 given up at a prompt, 2 the arguments or the folder are wrong, 3 `npm install` failed */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = read(argv)
    if (values.help) {
      process.stdout.write(HELP)
      return 0
    }
    const { template, name, from, install } = values
    const given: Partial<Answers> = defined({ dir: positionals[0], template, name, from, install })
    const isAsking = process.stdin.isTTY && process.stdout.isTTY && !values.yes
    const answers = isAsking ? await ask(given, DEFAULTS, values.force) : { ...DEFAULTS, ...given }
    return answers === undefined ? 1 : await make(answers, values.force)
  } catch (error) {
    if (!isDdaError(error) && !isUsage(error)) throw error
    const next = isDdaError(error) ? (error.next ?? '') : 'See --help.'
    process.stderr.write(`${error.message}\n${next}\n`)
    return 2
  }
}

function read(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: {
      template: { type: 'string' },
      name: { type: 'string' },
      from: { type: 'string' },
      install: { type: 'boolean' },
      force: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
}

function isUsage(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

function defined<T extends object>(values: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<{
    [K in keyof T]: NonNullable<T[K]>
  }>
}

async function make({ dir, template, name, from, install }: Answers, force: boolean): Promise<number> {
  const folder = resolve(dir)
  const made = await scaffold({ template, dir: folder, name, from, force })
  process.stdout.write(`Made ${made.name} in ${folder}: ${made.files.join(', ')}\n`)
  const installed = install && (await npmInstall(folder))
  const steps = made.next.filter((step) => !(installed && step === 'npm install'))
  const there = relative(process.cwd(), folder)
  process.stdout.write(
    `\nNext:\n${[...(there === '' ? [] : [`cd ${there}`]), ...steps].map((step) => `  ${step}\n`).join('')}`,
  )
  return install && !installed ? 3 : 0
}

async function npmInstall(cwd: string): Promise<boolean> {
  const child = spawn('npm', ['install'], { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0
}
