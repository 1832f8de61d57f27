import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CallOptions,
  DdaError,
  type ExternalJob,
  type TrainingSettings,
  type ExternalTrainer,
  type Opens,
} from '@dda-thinker/plugin-api'
import { externalTrainerSuite } from './external-trainer-suite.ts'
import { catches } from './meta.fixture.ts'

/** Counts its steps, and keeps the count in a file. */
class Counting implements ExternalTrainer {
  readonly fingerprint: string = 'counting'
  readonly savesAtAnyStep = true
  readonly thinker = {
    fingerprint: 'counting',
    // oxlint-disable-next-line require-yield
    async *plan() {
      throw new DdaError('DDA_COUNTING_THINKER', 'it only counts', { stopsRun: true, next: 'Ask a Thinker.' })
    },
  }
  policyVersion = 0
  #isOpen = false
  #started = false

  check({ filter }: TrainingSettings): void {
    if (filter) throw new DdaError('DDA_CONFIG_INVALID', 'it cannot filter')
  }

  async open(): Promise<void> {
    this.#isOpen = true
  }

  async close(): Promise<void> {
    this.#isOpen = this.#started = false
  }

  async start(_job: ExternalJob, _call: CallOptions): Promise<void> {
    if (!this.#isOpen) throw new DdaError('DDA_ROLE_CLOSED', 'it is not open')
    this.#started = true
  }

  async step(step: number, { signal }: CallOptions) {
    if (!this.#started) throw new DdaError('DDA_ROLE_CLOSED', 'it is not started')
    signal.throwIfAborted()
    this.policyVersion += 1
    return { step, policyVersion: this.policyVersion, metrics: { 'counting/loss': 1 / step } }
  }

  async save(folder: string): Promise<void> {
    await writeFile(join(folder, 'count.json'), JSON.stringify({ count: this.policyVersion }))
  }

  async load(folder: string): Promise<void> {
    try {
      const { count } = JSON.parse(await readFile(join(folder, 'count.json'), 'utf8')) as { readonly count: number }
      this.policyVersion = count
    } catch (cause) {
      throw new DdaError('DDA_CHECKPOINT_CORRUPT', 'no count is there', { cause })
    }
  }

  async export(folder: string): Promise<readonly string[]> {
    await this.save(folder)
    return [join(folder, 'count.json')]
  }
}

let made = 0
/** The same trainer, but for what is given. */
function but(given: (role: Counting) => Partial<ExternalTrainer & Opens>) {
  return (role: ExternalTrainer): ExternalTrainer => Object.assign(role, given(role as Counting))
}

catches<ExternalTrainer>({
  honest: () => new Counting(),
  register: (test, factory) =>
    externalTrainerSuite({ test, factory, refused: [{ filter: true }], plansElsewhere: true }),
  sabotaged: [
    [/says what it learns by/, but(() => ({ fingerprint: `counting-${made++}` }))],
    [/refuses beforehand/, but(() => ({ check: () => undefined }))],
    [/before open/, but(() => ({ start: async () => undefined }))],
    [
      /counts its updates/,
      but((role) => ({
        step: async (step) => (
          (role.policyVersion += 2),
          { step, policyVersion: role.policyVersion, metrics: { a: 1 } }
        ),
      })),
    ],
    [
      /counts its updates/,
      but((role) => ({
        step: async (step) => (
          (role.policyVersion += 1),
          { step, policyVersion: role.policyVersion, metrics: { a: NaN } }
        ),
      })),
    ],
    [/goes on from its checkpoint/, but(() => ({ load: async () => undefined }))],
    [
      /broken checkpoint/,
      but((role) => ({
        load: async (folder) => {
          const text = await readFile(join(folder, 'count.json'), 'utf8').catch(() => '2')
          role.policyVersion = Number(/\d+/.exec(text)?.[0] ?? 2)
        },
      })),
    ],
    [
      /stops when aborted/,
      but((role) => ({
        step: async (step) => (
          (role.policyVersion += 1),
          { step, policyVersion: role.policyVersion, metrics: { a: 1 } }
        ),
      })),
    ],
    [/exports/, but(() => ({ export: async () => [] }))],
    [/plans elsewhere/, but(() => ({ thinker: { fingerprint: 'silent', async *plan() {} } }))],
  ],
})
