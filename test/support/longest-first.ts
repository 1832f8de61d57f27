import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { root } from './dda.ts'

/**
 * What takes longest of each project, longest first. A clone that has run nothing yet would go by the size of files, and these are
 * short ones that start long things: at the end each would have a processor to itself, and the others nothing to do. Those that mostly
 * wait, for deadlines and pauses, stand so that one of them waits at a time: side by side they would leave the processors nothing to do.
 * So would those that wait for the one interpreter that imports PyTorch: the first of the isolated does without.
 */
const LONGEST = [
  'test/python.test.ts',
  'test/release/rehearsal.test.ts',
  'test/view/viewer-page.test.ts',
  'test/faults/stopped.test.ts',
  'test/kill.test.ts',
  'test/cli/moved-service.test.ts',
  'test/faults/requeue.test.ts',
  'test/kill-wire-1.test.ts',
  'test/faults/plugins.test.ts',
  'test/kill-wire-2.test.ts',
  'test/examples.test.ts',
  'test/faults/wire.test.ts',
  'test/view/annotate-blind-page.test.ts',
  'test/docs/site.test.ts',
  'test/cuda-figures.test.ts',
  'test/memory-at-scale.test.ts',
  'test/canary.test.ts',
  'test/demo.test.ts',
  'test/secrets.test.ts',
  'test/large-files.test.ts',
  'test/determinism.test.ts',
  'packages/python-worker/src/ensure-venv.test.ts',
  'plugins/trainer-torch/src/conformance.test.ts',
  'plugins/trainer-torch/src/failures.test.ts',
  'plugins/editor-diffusers/src/failures.test.ts',
  'plugins/editor-diffusers/src/conformance.test.ts',
  'test/faults/embedded-trainer.isolated.test.ts',
  'plugins/tabletop/src/synthesizer/oracle.test.ts',
  'plugins/trainer-onnx/src/conformance.test.ts',
  'packages/runs/src/jobs/train.test.ts',
  'packages/runs/src/jobs/evaluate.test.ts',
  'packages/endpoints/src/one-sample-fails.test.ts',
]

/** The isolated ones need workers of their own, which others do not wait for; the shortest files are left for the end. */
const PROJECTS = ['isolated', 'process', 'unit']

/** Projects stay apart, for a process is of one of them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((file) => !existsSync(join(root, file)))
    if (gone.length > 0)
      throw new Error(`test/support/longest-first.ts names files that are not there: ${gone.join(', ')}`)
    // oxlint-disable-next-line unicorn/no-array-sort -- no array is sorted in place by it
    const sorted = await super.sort(files)
    const projects = [...new Set(sorted.map(({ project }) => project))].toSorted((a, b) => place(a) - place(b))
    return projects.flatMap((project) =>
      sorted.filter((file) => file.project === project).toSorted((a, b) => rank(a) - rank(b)),
    )
  }
}

function place({ name }: TestSpecification['project']): number {
  return PROJECTS.indexOf(name)
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONGEST.indexOf(relative(root, moduleId).replaceAll('\\', '/'))
  return at === -1 ? LONGEST.length : at
}
