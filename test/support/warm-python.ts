import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPython, venvFolder } from '@dda-thinker/python-worker'

const SCRIPT = fileURLToPath(new URL('warm-python.py', import.meta.url))
/** What marks an environment as one that `ensureVenv` made. */
const STAMP = '.dda-venv.json'

/**
 * What the workers import on their way to the tiny models and pipelines; those with attributes import when asked for them. The
 * function compiles a thousand patterns for names of weights, whatever the model, and keeps them.
 */
const IMPORTS = [
  'torch',
  'safetensors.torch',
  'peft',
  'transformers:AutoModelForImageTextToText',
  'transformers:AutoModelForCausalLM',
  'transformers:AutoProcessor',
  'transformers:Qwen2_5_VLForConditionalGeneration',
  'transformers:Qwen2_5_VLProcessor',
  'diffusers:DiffusionPipeline',
  'diffusers:StableDiffusionInstructPix2PixPipeline',
  'transformers.conversion_mapping:get_checkpoint_conversion_mapping(qwen2_vl)',
  'diffusers:FluxKontextPipeline',
]

/** The environment itself, for the tests whose workers must not be forked from another process. */
export const coldVenv = (): string => process.env.DDA_TEST_COLD_VENV || venvFolder()

/**
 * Lets all suites share an interpreter that has imported PyTorch and its company once: starting a worker takes a fork instead
 * of ten seconds of imports. `DDA_VENV` names a folder that is to all of them the environment. Processes are real ones, and
 * run what they are told from its first line; whatever is neither module nor script is run by the interpreter itself. The
 * first to need it starts it. Linux alone has all that this takes; elsewhere every worker imports for itself.
 */
export default function shareWarmPython(): (() => void) | undefined {
  // Shared already, by another project of Vitest.
  if (process.env.DDA_TEST_COLD_VENV !== undefined) return undefined
  const [python, venv] = [testPython(), venvFolder()]
  if (python === undefined || process.platform !== 'linux' || !existsSync(join(venv, STAMP))) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'dda-warm-'))
  const shim = join(folder, 'bin/python')
  mkdirSync(dirname(shim))
  copyFileSync(join(venv, STAMP), join(folder, STAMP))
  writeFileSync(join(folder, 'imports'), IMPORTS.join('\n'))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  writeFileSync(
    shim,
    `#!/bin/sh
case "$*" in
  '-m pip '* | '-m venv '*) ;;
  '-m '* | '-u -m '* | '-u '[!-]* | [!-]*) exec '${python}' -IS '${SCRIPT}' run '${folder}' "$@" ;;
esac
exec '${python}' "$@"
`,
  )
  chmodSync(shim, 0o755)
  const before = process.env.DDA_VENV
  process.env.DDA_TEST_COLD_VENV = venv
  process.env.DDA_VENV = folder
  return () => {
    delete process.env.DDA_TEST_COLD_VENV
    if (before === undefined) delete process.env.DDA_VENV
    else process.env.DDA_VENV = before
    rmSync(folder, { recursive: true, force: true })
  }
}
