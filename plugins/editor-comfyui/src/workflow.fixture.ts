import { fileURLToPath } from 'node:url'
import { type EditorOptions, comfyEditor } from './index.ts'
import type { ComfyEditor } from './comfy-editor.ts'

/** A Qwen-Image-Edit workflow as ComfyUI exports it. */
export const WORKFLOW = fileURLToPath(new URL('../examples/edit.workflow.json', import.meta.url))
export const SLOTS = { image: '1.inputs.image', prompt: '5.inputs.prompt', seed: '8.inputs.seed' } as const

/** The Editor with that workflow and short waits. */
export function editorAt(endpoints: readonly string[], options: Partial<EditorOptions> = {}): ComfyEditor {
  return comfyEditor({
    endpoints: [...endpoints],
    workflow: WORKFLOW,
    slots: SLOTS,
    pollSeconds: 0.005,
    retryDelaySeconds: 0.001,
    ...options,
  }) as ComfyEditor
}
