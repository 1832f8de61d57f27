import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ddaHere } from './support/in-process.ts'
import { readJournalFile, runRecord } from './support/records.ts'
import type { Folder } from './support/tiny-tabletop.ts'
import { frozenConfig, python, readTensors, tinyTorch, withoutPython } from './support/tiny-torch.ts'

// Whole trainings, with PyTorch in a process of its own.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 600_000 })

const STEPS = 8
const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length

describe.skipIf(python === undefined)(`a tiny Qwen-VL in the whole loop${withoutPython}`, () => {
  let project: Folder | undefined
  afterEach(() => project?.remove())

  test('the reward rises, an interrupted run is exact, and the export evaluates', async () => {
    project = await tinyTorch(
      'freezeVision: false\nmaxPlan: 12\nminiBatch: 8\nepochs: 2\nlearningRate: 0.01\nkl: { place: off }',
      `steps: ${STEPS}, samplesPerStep: 4, groupSize: 4, checkpointEvery: 2, maxStaleness: 0`,
    )
    const { dir } = project
    const whole = await ddaHere(dir, 'train', '--name', 'whole')
    expect(whole, JSON.stringify(whole.error)).toMatchObject({ ok: true, data: { state: 'finished' } })
    const rewards = readJournalFile(dir, 'whole').steps.map(({ reward }) => reward ?? 0)
    expect(mean(rewards.slice(-3)) - mean(rewards.slice(0, 3)), rewards.join(' ')).toBeGreaterThan(0.1)

    // Half of it, and the rest by another process with other memories.
    await ddaHere(dir, 'train', '--name', 'parts', '--steps', String(STEPS / 2))
    const parts = await ddaHere(dir, 'train', '--name', 'parts')
    expect(parts, JSON.stringify(parts.error)).toMatchObject({
      ok: true,
      data: { state: 'finished', resumedFrom: STEPS / 2 },
    })
    const [a, b] = [runRecord(dir, 'whole'), runRecord(dir, 'parts')]
    const comparable = (files: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith('checkpoint.json')))
    expect(comparable(b.files)).toEqual(comparable(a.files))

    // The export is a model of its own, for the frozen Thinker.
    writeFileSync(join(dir, 'frozen.yaml'), frozenConfig('./runs/whole/export'))
    const evaluated = await ddaHere(
      dir,
      'eval',
      '--config',
      'frozen.yaml',
      '--thinker',
      'thinker',
      '--split',
      'held-out',
    )
    expect(evaluated, JSON.stringify(evaluated.error ?? evaluated.data)).toMatchObject({
      ok: true,
      data: { thinkers: { thinker: { masked: 0 } } },
    })
    expect(readFileSync(join(dir, 'runs/whole/export/config.json'), 'utf8')).toContain('qwen2_5_vl')
  })

  test('imitation, then PPO from there, by LoRA: the loss falls, and what is frozen stays bit-identical', async () => {
    project = await tinyTorch(
      `lora: { rank: 4, alpha: 8 }
maxPlan: 320
miniBatch: 4
learningRate: 0.001
imitation: { learningRate: 0.02 }
kl: { place: reward, coefficient: 0.01 }`,
      'steps: 2, samplesPerStep: 2, groupSize: 2, checkpointEvery: 1, keepCheckpoints: 3, maxStaleness: 0',
      'qwen3_vl',
    )
    const { dir } = project
    const warm = await ddaHere(dir, 'train', '--stage', 'sft', '--steps', '10', '--batch', '6', '--name', 'warm')
    expect(warm, JSON.stringify(warm.error)).toMatchObject({ ok: true, data: { state: 'finished', step: 10 } })
    const losses = metric(dir, 'warm', 'imitation/loss')
    expect(losses).toHaveLength(10)
    // The head for tokens is frozen, and that of random weights cannot say much.
    expect((losses[0] ?? 0) - (losses.at(-1) ?? 0), losses.join(' ')).toBeGreaterThan(0.1)

    const tuned = await ddaHere(dir, 'train', '--init', 'warm', '--name', 'tuned')
    expect(tuned, JSON.stringify(tuned.error)).toMatchObject({ ok: true, data: { state: 'finished', step: 2 } })
    // The policy that imitation made is where PPO begins, and the reference that it is held to.
    expect(metric(dir, 'tuned', 'kl/reference')[0]).toBeCloseTo(0, 5)

    const weights = (run: string, step: number): string =>
      join(dir, 'runs', run, 'checkpoints', `step-${String(step).padStart(6, '0')}`, 'trainer/weights.safetensors')
    const [before, after] = [readTensors(weights('warm', 10)), readTensors(weights('tuned', 2))]
    const names = [...after.keys()]
    expect(names.filter((name) => !/lora_|^critic\./.test(name))).toEqual([])
    expect(names.some((name) => before.get(name)?.bytes.equals(after.get(name)?.bytes ?? Buffer.of()) === false)).toBe(
      true,
    )

    // Merged, the export differs from the model in the layers that have adapters, and in no bit elsewhere.
    const [base, merged] = [
      readTensors(join(dir, 'model/model.safetensors')),
      readTensors(join(dir, 'runs/tuned/export/model.safetensors')),
    ]
    expect([...merged.keys()].toSorted()).toEqual([...base.keys()].toSorted())
    const changed = [...merged].filter(([name, { kind, bytes }]) => {
      expect(kind).toBe(base.get(name)?.kind)
      return base.get(name)?.bytes.equals(bytes) === false
    })
    expect(changed.length).toBeGreaterThan(0)
    for (const [name] of changed) expect(name).toMatch(/language_model.*_proj\.weight$/)
    expect([...merged.keys()].some((name) => name.includes('visual'))).toBe(true)
  })
})

/** A metric, step by step. */
function metric(dir: string, run: string, name: string): readonly number[] {
  const lines = readFileSync(join(dir, 'runs', run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.flatMap((line) => (JSON.parse(line) as { metrics: Record<string, number> }).metrics[name] ?? [])
}
