import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { errors } from './errors.ts'

/** Where exporters put weights that do not fit into the model file itself. */
const WEIGHTS = ['_data', '.data'] as const

/**
 * SHA-256 of a model file and of the weights beside it (`model.onnx_data`, `model.onnx.data`).
 * @throws DdaError `DDA_JUDGE_MODEL` where the file cannot be read
 */
export async function hashModel(name: string, file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await feed(hash, file)
    for (const ending of WEIGHTS) if (await isFile(`${file}${ending}`)) await feed(hash, `${file}${ending}`)
  } catch (cause) {
    throw errors.make('DDA_JUDGE_MODEL/file', { name, file }, { kind: 'unavailable', stopsRun: true, cause })
  }
  return hash.digest('hex')
}

async function feed(hash: ReturnType<typeof createHash>, file: string): Promise<void> {
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer)
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
