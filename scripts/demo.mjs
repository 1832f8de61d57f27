// `npm run demo`: from a bare clone to a report, by the same `dda` commands that a user would type.
//   npm run demo -- --seed 2 --steps 200 --out my-demo --set trainer.advantage=grpo
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild, ensureInstall, root } from './ensure-install.mjs'

const started = new Date()
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string' },
    out: { type: 'string', default: 'demo' },
    set: { type: 'string', multiple: true, default: [] },
    resume: { type: 'boolean', default: false },
    'skip-install': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(`npm run demo -- [options]

  --seed N          seed of everything (default: that of the template)
  --steps N         training steps (default: those of the template)
  --out DIR         folder of the project and its report (default: demo)
  --set key=value   override a value of the configuration; repeatable
  --resume          go on with what is in the folder instead of starting in a new one
  --skip-install    the dependencies and the build are there
`)
  process.exit(0)
}

const asked = resolve(root, values.out)
const dir = values.resume ? asked : firstFree(asked)
const marker = resolve(dir, '.dda-demo')
const shown = relative(process.cwd(), dir) || '.'
const overrides = [
  ...(values.seed === undefined ? [] : [`seed=${values.seed}`]),
  ...(values.steps === undefined ? [] : [`train.steps=${values.steps}`]),
  ...values.set,
]

// Ctrl-C reaches the command that runs; it saves, and this script ends with its status.
process.on('SIGINT', () => undefined)

if (!values['skip-install']) {
  say('Installing and building what is not there yet')
  ensureInstall()
  ensureBuild()
}

const fresh = !(values.resume && existsSync(marker))
if (fresh) {
  if (dir !== asked)
    say(`${relative(process.cwd(), asked) || '.'} is there and stays as it is: this demo goes to ${shown}`)
  await dda('Make a project', ['init', shown, '--name', 'Tabletop demo'], [])
  writeFileSync(marker, '')
}
await dda('Make samples: pictures, instructions, checklists', ['synthesize'])
await dda('Measure how hard they are for the base policy, and order them', ['curate'])
await dda('Train the Thinker with PPO; the Editor stays fixed', ['train', '--name', 'train'])
await dda('Evaluate on held-out samples under the same Editor', ['eval'])
await dda('Write the report', ['report', '--out', '.', '--since', started.toISOString()])

const evaluation = readdirSync(resolve(dir, 'runs')).find((name) => name.startsWith('evaluate-')) ?? '<evaluation>'
const seconds = (Date.now() - started.getTime()) / 1000
process.stdout.write(`
Done in ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s.

  Report   ${resolve(dir, 'report.html')}
  Summary  ${resolve(dir, 'summary.json')}

Try next:
  npx dda compare ${evaluation}/trained --editor sketch --cwd ${shown}   the same plans under another Editor
  npm run demo -- --seed 2 --out demo-2                   another seed
  npx dda train --name grpo --set trainer.advantage=grpo --cwd ${shown}   another estimator
  docs/guide/getting-started.md                           a reward, an Editor, a project of your own
`)

/**
 * Nothing that a demo or anybody else has left is ever replaced: a folder of an earlier demo is followed by the next number, and
 * one that no demo made is refused.
 */
function firstFree(folder) {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? folder : `${folder}-${number}`
    if (!existsSync(candidate) || readdirSync(candidate).length === 0) return candidate
    if (existsSync(resolve(candidate, '.dda-demo'))) continue
    process.stderr.write(`${candidate} exists and was not made by this demo: name another folder with --out.\n`)
    process.exit(2)
  }
}

/** Runs one `dda` command in the project, shown as a user would type it. */
async function dda(what, args, set = overrides) {
  const place = args[0] === 'init' ? [] : ['--cwd', shown]
  const words = [...args, ...set.flatMap((assignment) => ['--set', assignment]), ...place]
  say(what)
  process.stdout.write(`$ npx dda ${words.map(quote).join(' ')}\n`)
  const child = spawn(process.execPath, [resolve(root, 'packages/cli/bin/dda.js'), ...words], { stdio: 'inherit' })
  const code = await new Promise((done, fail) => child.on('close', done).on('error', fail))
  if (code !== 0) {
    process.stderr.write(`\nStopped with status ${code}. Go on with: npm run demo -- --resume --out ${shown}\n`)
    process.exit(code ?? 1)
  }
}

function say(what) {
  process.stdout.write(`\n── ${what}\n`)
}

function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
