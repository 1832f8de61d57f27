import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redact } from '@dda-thinker/plugin-api'
import { scoreGraph } from '../policy/graphs.ts'
import type { PolicyConfig } from '../policy/config.ts'
import { patchCount, patchLength } from '../policy/patches.ts'
import type { PlanTags } from '@dda-thinker/plan-text'
import { sampleGraph } from '../policy/sampler.ts'
import type { Vocabulary } from '../policy/vocabulary.ts'
import type { Precision } from './safetensors.ts'
import { encodeWeights } from './weights.ts'

export interface ExportedPolicy {
  readonly config: PolicyConfig
  readonly vocabulary: Vocabulary
  readonly tags: PlanTags
  readonly theta: Float32Array
  readonly precision: Precision
}

/**
 * Writes a policy for use elsewhere: two ONNX models of standard operators (opset 20) with the weights inside, for one
 * sample at a time; the weights; the vocabulary; a description.
 * @returns the files written, absolute if `folder` is
 */
export async function exportPolicy(folder: string, policy: ExportedPolicy): Promise<string[]> {
  const { config, vocabulary, theta, precision } = policy
  const bucket = { prefixes: 1, perPrefix: 1, prompt: config.maxPrompt, plan: config.maxPlan }
  const metadata = { format: 'dda-policy/1', vocabulary: vocabulary.hash, config: JSON.stringify(config) }
  const files: Readonly<Record<string, Uint8Array | string>> = {
    'policy.safetensors': encodeWeights(config, theta, metadata, precision),
    'vocabulary.json': `${JSON.stringify(vocabulary.toFile(), null, 1)}\n`,
    'config.json': `${JSON.stringify({ policy: config, tags: policy.tags }, null, 2)}\n`,
    'sample.onnx': sampleGraph(config, bucket, { lowering: 'portable', theta }),
    'score.onnx': scoreGraph(config, bucket, { lowering: 'portable', theta }),
    'README.md': describe(policy),
  }
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  for (const [name, contents] of Object.entries(files)) {
    // An option may hold what the environment put in.
    await writeFile(join(folder, name), typeof contents === 'string' ? redact(contents) : contents)
    written.push(join(folder, name))
  }
  return written
}

function block(tag: string): string {
  return `\`<${tag}> ... </${tag}>\``
}

function describe({ config, vocabulary, tags }: ExportedPolicy): string {
  const { columns, rows, window, patch } = config.image
  return `# An exported Thinker

Reads one image and an instruction, writes a plan: ${tags.reasoning === null ? '' : `${block(tags.reasoning)}, then `}${block(tags.plan)}.

| file | what |
|---|---|
| sample.onnx | whole plans: prefix, key-value cache and sampling inside (opset 20, standard operators, batch 1) |
| score.onnx | log-probability, value and entropy of every token of a given plan |
| policy.safetensors | the weights by name |
| vocabulary.json | pieces in the order of their ids |
| config.json | sizes and markup |

## Inputs

- \`patches\` uint8 [1, ${patchCount(config.image)}, ${patchLength(config.image)}]: the image on white as RGB, cut into
  ${columns} x ${rows} windows of ${window} cells around the centres of the cells, each resampled to ${patch} x ${patch} pixels by area
  averaging (edge pixels repeat outside), row by row.
- \`prompt\` int32 [1, ${config.maxPrompt}]: the instruction in ids (greedy longest match over lower-case words and phrases; an unknown
  word is spelt \`x\`, \`##y\`, ...), filled with ${vocabulary.padId} (\`<pad>\`) on the right.
- \`prefixMask\` float32 [1, ${patchCount(config.image) + config.maxPrompt}]: 0 for every patch and instruction token, -1e9 for filling.
- \`inverseTemperature\` float32 [1, 1, 1].
- sample.onnx: \`uniforms\` float32 [${config.maxPlan}, 1] in [0, 1); \`greedy\` bool [1]; \`active\` bool [1], true.
- score.onnx: \`actions\` int32 [1, ${config.maxPlan}], the plan's ids; \`planInputs\`, the same shifted right behind ${vocabulary.startId} (\`<bos>\`).

## Outputs

- sample.onnx: \`tokens\` int32 [steps, 1], ended by 0 (\`<eos>\`); \`logProb\`, \`value\` float32 [steps, 1].
- score.onnx: \`logProb\`, \`value\`, \`entropy\` float32 [1, ${config.maxPlan}].
`
}
