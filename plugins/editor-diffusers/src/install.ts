import type { InstallContext } from '@dda-thinker/plugin-api'
import { ensureVenv, PythonWorker, type WorkerHello } from '@dda-thinker/python-worker'
import { PYTHON_PATH } from './pipeline-worker.ts'

/**
 * `dda editor install diffusers`: makes the shared Python environment where it is not there yet (PyTorch with CUDA libraries,
 * about 6 GB, once), starts the worker in it and says what it found.
 *
 * @throws DdaError `DDA_PYTHON_...` where the environment cannot be made, `DDA_WORKER_START` where the worker does not start
 */
export async function install({ onLine, log, signal }: InstallContext): Promise<readonly string[]> {
  let made = false
  const onMade = (line: string): void => {
    made = true
    onLine(line)
  }
  const { folder, python } = await ensureVenv({ onLine: onMade, ...(signal !== undefined && { signal }) })
  const worker = new PythonWorker({
    name: 'editor-diffusers',
    python,
    args: ['-m', 'dda_diffusers'],
    pythonPath: [PYTHON_PATH],
    log,
  })
  try {
    return [`Environment: ${folder}${made ? '' : ' (was there, reused)'}`, ...describe(await worker.start(signal))]
  } finally {
    await worker.close()
  }
}

interface Capabilities {
  readonly torch: string
  readonly diffusers: string
  readonly transformers: string
  readonly accelerate: string
  readonly devices: readonly { readonly kind: string; readonly name: string; readonly memory: number | null }[]
}

function describe({ python, capabilities }: WorkerHello): readonly string[] {
  const { torch, diffusers, transformers, accelerate, devices } = capabilities as unknown as Capabilities
  return [
    `Python ${python}, PyTorch ${torch}, diffusers ${diffusers}, transformers ${transformers}, accelerate ${accelerate}`,
    ...devices.map(
      ({ kind, name, memory }) => `${kind}: ${name}${memory === null ? '' : `, ${(memory / 2 ** 30).toFixed(0)} GiB`}`,
    ),
    ...(devices.some(({ kind }) => kind === 'cuda')
      ? []
      : ['No CUDA device: edits by real models take minutes on the CPU.']),
  ]
}
