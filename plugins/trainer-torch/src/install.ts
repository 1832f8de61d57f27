import type { InstallContext } from '@dda-thinker/plugin-api'
import { ensureVenv, PythonWorker, type WorkerHello } from '@dda-thinker/python-worker'
import { PYTHON_PATH } from './torch-worker.ts'

/**
 * `dda trainer install torch`: makes the shared Python environment where it is not there yet (PyTorch with CUDA libraries, about
 * 6 GB, once), starts the worker in it and says what it found.
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
    name: 'trainer-torch',
    python,
    args: ['-m', 'dda_torch'],
    pythonPath: [PYTHON_PATH],
    log,
  })
  try {
    return [`Environment: ${folder}${made ? '' : ' (was there, reused)'}`, ...describe(await worker.start(signal))]
  } finally {
    await worker.close()
  }
}

function describe({ python, capabilities }: WorkerHello): readonly string[] {
  const { torch, transformers, peft, vllm, devices } = capabilities as {
    readonly [name in 'torch' | 'transformers' | 'peft']: string
  } & { readonly vllm: string | null; readonly devices: readonly { kind: string; name: string; memory: number }[] }
  return [
    `Python ${python}, PyTorch ${torch}, transformers ${transformers}, peft ${peft}, vLLM ${vllm ?? 'not installed (optional)'}`,
    ...devices.map(({ kind, name, memory }) => `${kind}: ${name}, ${(memory / 2 ** 30).toFixed(0)} GiB`),
    ...(devices.some(({ kind }) => kind === 'cuda')
      ? []
      : ['No CUDA device: tiny models train on the CPU, real ones need a GPU.']),
  ]
}
