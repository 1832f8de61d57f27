// Python processes that work for plugins: the environment that they run in, and the framed pipe to them.
export { codedFailure, type CodedFailureOptions } from './coded-failure.ts'
export { ensureVenv, existingVenv, type Venv, venvFolder, type VenvOptions, venvPython } from './ensure-venv.ts'
export { findPython, OLDEST_PYTHON, type Python } from './find-python.ts'
export { encodeFrame, type Frame, FrameReader } from './frames.ts'
export { type HeldImages, ImageFiles, type WireImage } from './image-files.ts'
export { PythonWorker } from './python-worker.ts'
export { REQUIREMENTS, unmetRequirements } from './requirements.ts'
export { testPython } from './test-python.ts'
export { type WarmConnection, WarmWorkers } from './warm-workers.ts'
export type {
  PythonWorkerOptions,
  ReportedFailure,
  WorkerAnswer,
  WorkerHello,
  WorkerRequestOptions,
} from './worker-options.ts'
export { WorkerProcess } from './worker-process.ts'
