import { resolve } from 'node:path'
import type { EngineFormat } from '@dda-thinker/engine-data'
import { readWhole, REWARD } from '@dda-thinker/plugin-api'
import type { CommandSpec } from '../terminal/command.ts'
import { flag, text } from '../terminal/command.ts'
import { withSession } from '../project/session.ts'
import { errors } from '../errors.ts'

export const exportForEngine: CommandSpec = {
  name: 'export',
  summary: 'Write the data set of an engine of others: verl, TRL or OpenRLHF, with the settings that go with it.',
  details:
    'Prompts, pictures and ids of the samples, train and held-out apart; curated ones where there are some. Checklists and references stay here: `dda serve` scores what the engine sends.',
  arguments: [{ name: '<folder>', description: 'Folder to write to.' }],
  options: [
    { flags: '--to <engine>', description: 'Who reads it.', choices: ['verl', 'trl', 'openrlhf'] },
    { flags: '--system <file>', description: 'Text of the system message. Default: the task and the shape of a plan.' },
    { flags: '--user <text>', description: 'User message, with {instruction} in it.', default: '{instruction}' },
    { flags: '--text-only', description: 'For a policy without eyes: no pictures.' },
    { flags: '--all', description: 'All samples as they were synthesised, not the curated ones.' },
  ],
  examples: [
    ['dda export verl-data --to verl', 'Parquet, overrides for Hydra and the agent loop'],
    ['dda export trl-data --to trl', 'Parquet and a training script'],
    ['dda export rlhf-data --to openrlhf --text-only', 'JSON lines and arguments, without pictures'],
  ],
  run: async (context, [folder = ''], options) => {
    const format = engineOf(text(options, 'to'))
    return withSession(context, { only: ['reward'] }, async ({ assembly, workspace, interrupt }) => {
      const { DEFAULT_ENGINE_PROMPT, writeEngineData } = await import('@dda-thinker/engine-data')
      const { findData, readSamples } = await import('@dda-thinker/runs')
      const { paths, images } = workspace
      const from = flag(options, 'all') ? paths.samples : (await findData(paths)).file
      const named = text(options, 'system')
      const system = named === undefined ? DEFAULT_ENGINE_PROMPT.system : await textOf(resolve(context.cwd, named))
      const streams = assembly.has(REWARD) ? assembly.resolve(REWARD).streams?.map(({ name }) => name) : undefined
      const data = await writeEngineData({
        format,
        folder: resolve(context.cwd, folder),
        samples: readSamples(from),
        images,
        prompt: { system, user: text(options, 'user') ?? DEFAULT_ENGINE_PROMPT.user },
        pictures: !flag(options, 'textOnly'),
        ...(streams === undefined ? {} : { streams }),
        stopped: () => interrupt.stop.aborted,
      })
      const lines = [
        `${data.train} training samples, ${data.heldOut} held out:`,
        ...data.files.map((file) => `  ${file}`),
      ]
      return { exitCode: 0, data: { ...data, from }, text: lines.join('\n') }
    })
  },
}

function engineOf(name: string | undefined): EngineFormat {
  if (name === 'verl' || name === 'trl' || name === 'openrlhf') return name
  throw errors.make('DDA_USAGE_OPTION', { name: 'to', what: 'verl, trl or openrlhf' })
}

async function textOf(file: string): Promise<string> {
  try {
    return (await readWhole(file)).toString('utf8').trimEnd()
  } catch (cause) {
    throw errors.make('DDA_USAGE_OPTION/system', { file, why: (cause as Error).message }, { cause, location: file })
  }
}
