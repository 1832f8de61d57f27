import { resolve } from 'node:path'
import { openBrowser } from '../terminal/open-browser.ts'
import { type CommandSpec, flag, number, text } from '../terminal/command.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { listening, listeningOptions } from '../terminal/listening.ts'
import { makeProgress } from '../project/session.ts'

const PORT = 8718
const TOKEN = 'DDA_VIEW_TOKEN'

export const view: CommandSpec = {
  name: 'view',
  summary: 'Look at runs in a browser: pictures, plans, verdicts and rewards, also while they are made.',
  details:
    'Serves a page on this machine until Ctrl-C. Runs are only read, but for what people answer (annotations.jsonl): to look at them\n' +
    'a disk that cannot be written will do. On any address but loopback callers need the token of the environment variable\n' +
    `${TOKEN}: open the page with ?token=…`,
  arguments: [{ name: '[runs...]', description: 'Names of runs. Default: all, those that are begun later too.' }],
  options: [
    ...listeningOptions(PORT, 'browsers'),
    { flags: '--open', description: 'Open the page in the browser of this machine.' },
    {
      flags: '--export <target>',
      description:
        'Write the page with its data instead: a folder for any web server, or one .html file with thumbnails.',
    },
    { flags: '--max-seconds <n>', type: 'number', description: 'End after this long.' },
  ],
  examples: [
    ['dda view', 'every run of the project, at http://127.0.0.1:8718'],
    ['dda view train-1a2b3c4d --open', 'one run, in the browser at once'],
    ['dda view evaluate-1a2b3c4d --export view.html', 'one file to send around'],
  ],
  async run(context, runs, options) {
    const { createViewer, exportView } = await import('@dda-thinker/viewer')
    const { loadConfig } = await import('@dda-thinker/config')
    const { projectPaths, readRun, runPath } = await import('@dda-thinker/runs')
    const { ContentStore } = await import('@dda-thinker/store')
    const address = listening(context, options, PORT, TOKEN)
    // The core's keys alone: looking at runs needs no plugin.
    const { config, dir } = await loadConfig({ cwd: context.cwd, file: context.config, set: context.set, check: [] })
    const paths = projectPaths(config, dir)
    for (const name of runs) await readRun(runPath(paths.runsDir, name))
    const shown = {
      name: config.name,
      paths,
      confidence: config.eval.confidence,
      images: new ContentStore(paths.store),
      ...(runs.length === 0 ? {} : { runs }),
    }
    const target = text(options, 'export')
    if (target !== undefined) {
      const data = await exportView({ ...shown, target: resolve(context.cwd, target) })
      if (data.lost > 0) context.warn(`${data.lost} pictures are gone or damaged, and are not in it.`)
      return { exitCode: 0, data, text: `${data.rollouts} rollouts and ${data.pictures} pictures in ${data.target}` }
    }
    const progress = makeProgress(context)
    const http = await createViewer({ ...shown, ...address })
    const interrupt = onInterrupt((message) => progress.line(message), number(options, 'maxSeconds'))
    try {
      const { url } = await http.listen()
      http.ready()
      progress.line(`${config.name} is at ${url}; Ctrl-C ends it.`)
      const { token } = address
      if (flag(options, 'open')) openBrowser(token === undefined ? url : `${url}/?token=${token}`)
      await http.until(interrupt.stop, interrupt.signal)
      return { exitCode: 0, data: { url }, text: '' }
    } finally {
      interrupt.release()
      progress.finish()
    }
  },
}
