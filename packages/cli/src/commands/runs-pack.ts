import type { CommandSpec } from '../terminal/command.ts'
import { runsDirOf } from '../project/session.ts'
import { formatTable } from '../terminal/table.ts'

export const runsPack: CommandSpec = {
  name: 'runs pack',
  summary: 'Pack the journals of runs that are done; everything reads them as before.',
  details:
    'The journal of a run becomes journal.jsonl.gz, which any gunzip reads, at a fraction of its size. Reports, comparisons and queries\n' +
    'take from it what they need without unpacking the rest. A run that is continued is unpacked first, byte for byte.',
  arguments: [{ name: '<id...>', description: 'Names of the runs.' }],
  examples: [['dda runs pack train-1a2b3c4d', 'where disk space is short']],
  async run(context, ids) {
    const { packRun, runPath } = await import('@dda-thinker/runs')
    const dir = await runsDirOf(context)
    const runs = []
    for (const name of ids) runs.push({ name, ...(await packRun(runPath(dir, name))) })
    const rows = runs.map(({ name, plain, packed }) => [name, megabytes(plain), megabytes(packed)])
    const columns = ['run', 'was (MB)', 'is (MB)'].map((title) => ({ title }))
    return { exitCode: 0, data: { dir, runs }, text: formatTable(columns, rows) }
  },
}

/** Nothing where there was nothing to pack. */
function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1e6).toFixed(2)
}
