// What the stand-in server does with a graph: checks it as ComfyUI's validate_prompt does, and paints stripes in colours
// drawn from everything that leads to a saved picture.
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { makePng } from '@dda-thinker/pictures'

export interface GraphNode {
  readonly class_type: string
  readonly inputs: Readonly<Record<string, unknown>>
}

export type Graph = Readonly<Record<string, GraphNode>>

/** Required inputs of the classes that the stand-in has. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  LoadImage: ['image'],
  UNETLoader: ['unet_name', 'weight_dtype'],
  CLIPLoader: ['clip_name', 'type'],
  VAELoader: ['vae_name'],
  TextEncodeQwenImageEdit: ['prompt', 'clip'],
  VAEEncode: ['pixels', 'vae'],
  EmptyLatentImage: ['width', 'height', 'batch_size'],
  ImageStitch: ['image1', 'image2'],
  KSampler: ['seed', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise', 'model', 'positive', 'latent_image'],
  VAEDecode: ['samples', 'vae'],
  SaveImage: ['images', 'filename_prefix'],
  PreviewImage: ['images'],
  StringLength: ['string'],
  ImageQuantize: ['image', 'colors', 'dither'],
  ImageAddNoise: ['image', 'seed', 'strength'],
  ImageBlur: ['image', 'blur_radius', 'sigma'],
}
const OUTPUTS = new Set(['SaveImage', 'PreviewImage'])

/** Pictures by the name that LoadImage knows them by. */
export type InputFolder = ReadonlyMap<string, Uint8Array>

export interface Validation {
  /** Nodes with outputs that can be computed. */
  readonly outputs: readonly string[]
  readonly error?: object
  readonly nodeErrors: Readonly<Record<string, object>>
}

export function validate(graph: Graph, folder: InputFolder): Validation {
  for (const [id, node] of Object.entries(graph)) {
    if (CLASSES[node.class_type] !== undefined) continue
    const error = {
      type: 'invalid_prompt',
      message: `Cannot execute because node ${node.class_type} does not exist.`,
      details: `Node ID '#${id}'`,
      extra_info: {},
    }
    return { outputs: [], error, nodeErrors: {} }
  }
  const ends = Object.keys(graph).filter((id) => OUTPUTS.has(graph[id]?.class_type ?? ''))
  if (ends.length === 0) {
    const error = { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} }
    return { outputs: [], error, nodeErrors: {} }
  }
  const nodeErrors: Record<string, { errors: object[]; dependent_outputs: string[]; class_type: string }> = {}
  const good = ends.filter((end) => {
    const broken = upstream(graph, end).filter((id) => problemsOf(graph, id, folder).length > 0)
    for (const id of broken) {
      const errors = problemsOf(graph, id, folder)
      nodeErrors[id] ??= { errors, dependent_outputs: [], class_type: graph[id]?.class_type ?? '' }
      nodeErrors[id].dependent_outputs.push(end)
    }
    return broken.length === 0
  })
  if (good.length > 0) return { outputs: good, nodeErrors }
  const error = {
    type: 'prompt_outputs_failed_validation',
    message: 'Prompt outputs failed validation',
    details: '',
    extra_info: {},
  }
  return { outputs: [], error, nodeErrors }
}

function problemsOf(graph: Graph, id: string, folder: InputFolder): object[] {
  const { class_type: type, inputs } = graph[id] ?? { class_type: '', inputs: {} }
  const missing = (CLASSES[type] ?? []).filter((name) => inputs[name] === undefined)
  const problems: object[] = missing.map((name) => {
    const extra = { input_name: name }
    return { type: 'required_input_missing', message: 'Required input is missing', details: name, extra_info: extra }
  })
  const { image, seed } = inputs
  if (type === 'LoadImage' && !folder.has(String(image))) {
    const details = `image - Invalid image file: ${String(image)}`
    const message = 'Custom validation failed for node'
    problems.push({ type: 'custom_validation_failed', message, details, extra_info: { input_name: 'image' } })
  }
  if (seed !== undefined && !(Number(seed) >= 0)) {
    const message = `Value ${Number(seed)} smaller than min of 0`
    const extra = { input_name: 'seed', input_config: ['INT', { min: 0 }], received_value: seed }
    problems.push({ type: 'value_smaller_than_min', message, details: 'seed', extra_info: extra })
  }
  return problems
}

/** Ids of everything that leads to a node, itself included, in the order of computing. */
export function upstream(graph: Graph, id: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(id)) return []
  seen.add(id)
  const before = Object.values(graph[id]?.inputs ?? {}).flatMap((value) =>
    Array.isArray(value) ? upstream(graph, String(value[0]), seen) : [],
  )
  return [...before, id]
}

/** The picture of an output node, with the whole graph in a text chunk, as ComfyUI's SaveImage writes it. */
export function compute(graph: Graph, end: string, folder: InputFolder): Uint8Array {
  const hash = createHash('sha256')
  let [width, height] = [64, 48]
  for (const id of upstream(graph, end)) {
    const { class_type: type, inputs } = graph[id] ?? { class_type: '', inputs: {} }
    if (OUTPUTS.has(type)) continue
    hash.update(`${type}\n${JSON.stringify(inputs)}\n`)
    if (type === 'LoadImage') hash.update(folder.get(String(inputs['image'])) ?? '')
    if (type === 'EmptyLatentImage') [width, height] = [Number(inputs['width']), Number(inputs['height'])]
  }
  const bytes = hash.digest()
  const at = (i: number): number => bytes[i % 32] ?? 0
  const png = makePng({ width, height, pixel: (x) => [at((x >> 3) * 3), at((x >> 3) * 3 + 1), at((x >> 3) * 3 + 2)] })
  return withText(png, 'prompt', JSON.stringify(graph))
}

function withText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  const body = Buffer.from(`tEXt${keyword}\0${text}`, 'latin1')
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  // Signature and header come first.
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])
}
