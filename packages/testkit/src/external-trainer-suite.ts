import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallOptions, ExternalJob, TrainingSettings, ExternalTrainer, UpdateReport } from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext, makeTrainingSettings, makeSample, MemoryImages } from './fakes/index.ts'
import { assertFingerprint, collect, failsWithCode, stopsWhenAborted, type SuiteOptions, withRole } from './harness.ts'
import { requestsFor } from './thinker-suite.ts'

export interface ExternalTrainerSuiteOptions extends SuiteOptions<ExternalTrainer> {
  /** What a run would ask for; the rest is that of {@link makeTrainingSettings}. */
  readonly settings?: Partial<TrainingSettings>
  /** Settings that the engine would ignore or cannot do, each by itself. */
  readonly refused: readonly Partial<TrainingSettings>[]
  /** Where the engine asks for rewards. Default: a port where nobody listens. */
  readonly reward?: ExternalJob['reward']
  /** Has the engine, or what stands in for it, make a step and the checkpoint that is due after it. Awaited before `step`. */
  readonly play?: (step: number, job: ExternalJob) => Promise<void> | void
  /** Are plans written by the engine alone, so that its Thinker refuses, and stops the run? Default false. */
  readonly plansElsewhere?: boolean
}

const CALL: CallOptions = { signal: new AbortController().signal }

/** Registers the conformance tests of a trainer that is software of others. */
export function externalTrainerSuite(options: ExternalTrainerSuiteOptions): void {
  const { test, factory, refused } = options
  const settings: Required<TrainingSettings> = deepFreeze(makeTrainingSettings(options.settings))

  test('says what it learns by, and takes sound settings without being open', async () => {
    const [one, two] = [factory(), factory()]
    assertFingerprint([one.fingerprint, two.fingerprint])
    assert.equal(typeof one.savesAtAnyStep, 'boolean')
    assert.equal(one.policyVersion, 0, 'nothing is learned yet')
    for (const trainer of [one, two, one]) await trainer.check(settings)
  })

  test('refuses beforehand what it would ignore or cannot do', async () => {
    assert.ok(refused.length > 0, 'name at least one setting that the engine has no part for')
    for (const over of refused) {
      const what = JSON.stringify(over)
      await failsWithCode(() => factory().check({ ...settings, ...over }), { code: 'DDA_CONFIG_INVALID', what })
    }
  })

  test('before open, start and step are errors with a code; close is none, whatever came before', async () => {
    const trainer = factory()
    await trainer.close?.()
    await withPlace(options, settings, async ({ job }) => {
      await failsWithCode(trainer.start(job(1), CALL), { what: 'start before open' })
      await failsWithCode(trainer.step(1, CALL), { what: 'step before open' })
    })
    await trainer.close?.()
    await withRole(factory(), makeContext(), async (opened) => opened.close?.())
  })

  test('makes the steps that it is asked for, and counts its updates', () =>
    withPlace(options, settings, ({ job, run }) =>
      withRole(factory(), makeContext(), async (trainer) => {
        await trainer.start(job(1), CALL)
        for (const step of [1, 2]) checkReport(await run(trainer, step, job(1)), { step, version: step }, trainer)
      }),
    ))

  test('goes on from its checkpoint: a new one takes up the version and the next step', () =>
    withPlace(options, settings, async ({ job, run, folder }) => {
      const { saved, files } = await trained(options, { job, run, folder })
      assert.ok(files.length > 0, 'save writes files')
      await withRole(factory(), makeContext(), async (trainer) => {
        await trainer.load(saved)
        assert.equal(trainer.policyVersion, 2, 'the version of the checkpoint')
        const going = job(3)
        await trainer.start(going, CALL)
        checkReport(await run(trainer, 3, going), { step: 3, version: 3 }, trainer)
      })
    }))

  test('a broken checkpoint is refused as such, and what was loaded stays', () =>
    withPlace(options, settings, async ({ job, run, folder }) => {
      const { saved, files } = await trained(options, { job, run, folder })
      await withRole(factory(), makeContext(), async (trainer) => {
        const refuses = async (what: string, damage: (copy: string) => Promise<void>) => {
          const copy = await folder()
          await cp(saved, copy, { recursive: true })
          await damage(copy)
          await failsWithCode(trainer.load(copy), { code: 'DDA_CHECKPOINT_CORRUPT', what })
        }
        await trainer.load(saved)
        await failsWithCode(trainer.load(await folder()), { code: 'DDA_CHECKPOINT_CORRUPT', what: 'an empty folder' })
        // Of what lies beside it, the engine itself says what is wrong.
        for (const file of files.filter((name) => !name.includes('/'))) {
          const { length } = await readFile(join(saved, file))
          await refuses(`${file} gone`, (copy) => rm(join(copy, file)))
          await refuses(`${file} cut short`, (copy) => truncate(join(copy, file), Math.floor(length / 2)))
          await refuses(`${file} full of zeros`, (copy) => writeFile(join(copy, file), Buffer.alloc(length)))
        }
        assert.equal(trainer.policyVersion, 2, 'a refused checkpoint changes nothing')
      })
    }))

  test('stops when aborted, and can be closed then', () =>
    withPlace(options, settings, async ({ job }) => {
      await withRole(factory(), makeContext(), async (trainer) => {
        await trainer.start(job(1), CALL)
        await stopsWhenAborted((signal) => trainer.step(1, { signal }))
        assert.equal(trainer.policyVersion, 0, 'a step that was aborted is no update')
      })
    }))

  test('where it exports the policy, then into files that are there', () =>
    withPlace(options, settings, ({ job, run, folder }) =>
      withRole(factory(), makeContext(), async (trainer) => {
        if (trainer.export === undefined) return
        await trainer.start(job(1), CALL)
        for (const step of [1, 2]) await run(trainer, step, job(1))
        await trainer.save(await folder())
        const files = await trainer.export(await folder())
        assert.ok(files.length > 0, 'export names the files it wrote')
        for (const file of files) assert.ok((await stat(file)).size > 0, `${file} is not empty`)
      }),
    ))

  if (options.plansElsewhere === true) {
    test('its Thinker, which plans elsewhere, says so and stops the run', () =>
      withRole(factory(), makeContext(), async (trainer) => {
        const plans = () => collect(trainer.thinker.plan(requestsFor([makeSample()], 1), CALL))
        const error = await failsWithCode(plans, { what: 'a plan that is written elsewhere' })
        assert.ok(error.stopsRun, 'no plan of this run can be written: the run stops')
        assert.ok((error.next ?? '') !== '', 'it says who writes plans')
      }))
  }
}

/** What a test works in. */
interface Place {
  /** The training from a step on; the same folder each time, as a run has it. */
  readonly job: (firstStep: number) => ExternalJob
  /** The engine makes a step, and the trainer is asked for it. */
  readonly run: (trainer: ExternalTrainer, step: number, job: ExternalJob) => Promise<UpdateReport>
  /** A new empty folder. */
  readonly folder: () => Promise<string>
}

async function withPlace(
  { reward = { url: 'http://127.0.0.1:9' }, play }: ExternalTrainerSuiteOptions,
  settings: Required<TrainingSettings>,
  use: (place: Place) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'dda-external-trainer-'))
  let count = 0
  const folder = async () => {
    const path = join(root, `folder-${count++}`)
    await mkdir(path)
    return path
  }
  const engine = join(root, 'run/engine')
  await mkdir(engine, { recursive: true })
  const images = Object.assign(new MemoryImages(), { path: () => join(root, 'no-picture') })
  const samples = Array.from({ length: settings.samples }, (_, i) =>
    deepFreeze(makeSample({ id: `sample-${i}`, images: [], split: 'train' })),
  )
  const job = (firstStep: number): ExternalJob => ({
    ...settings,
    firstStep,
    seed: 7,
    folder: engine,
    reward,
    async *data() {
      yield* samples
    },
    images,
  })
  const run = async (trainer: ExternalTrainer, step: number, of: ExternalJob) => {
    await play?.(step, of)
    return trainer.step(step, CALL)
  }
  try {
    await use({ job, run, folder })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** A checkpoint after two steps, and what lies in it. */
async function trained({ factory }: ExternalTrainerSuiteOptions, { job, run, folder }: Place) {
  const saved = await folder()
  await withRole(factory(), makeContext(), async (trainer) => {
    await trainer.start(job(1), CALL)
    for (const step of [1, 2]) await run(trainer, step, job(1))
    await trainer.save(saved)
  })
  const entries = await readdir(saved, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return {
    saved,
    files: files.map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(saved.length + 1)
        .replaceAll('\\', '/'),
    ),
  }
}

function checkReport(
  report: UpdateReport,
  due: { readonly step: number; readonly version: number },
  trainer: ExternalTrainer,
): void {
  assert.equal(report.step, due.step, 'the report is of the step that was asked for')
  assert.equal(report.policyVersion, due.version, 'a step is one update')
  assert.equal(trainer.policyVersion, due.version, 'the report and the trainer agree on the version')
  assert.ok(Object.keys(report.metrics).length > 0, 'a step has metrics')
  for (const [name, value] of Object.entries(report.metrics)) assert.ok(Number.isFinite(value), `${name} is ${value}`)
}
