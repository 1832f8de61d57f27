import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@dda-thinker/testkit'
import { afterAll, expect, test, vi } from 'vitest'
import { dimensionOf, DIMENSIONS } from './folders.ts'
import { krisBenchmark } from './index.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/**
 * Runs the KRIS-Bench code of lmms-eval 0.7.3 from its wheel, without its dependencies: its packages are stood in for as far as
 * the file imports them. Prints the aggregate of each group and the mean that `np.mean` is asked for in plain Python.
 */
const ORACLE = `
import importlib.util, json, sys, types, zipfile
wheel, answers = sys.argv[1:]
class Quiet:
    def __getattr__(self, name): return lambda *a, **k: None
def module(name, **names):
    made = types.ModuleType(name); made.__dict__.update(names); sys.modules[name] = made; return made
module('numpy', mean=lambda values: sum(values) / len(values))
module('loguru', logger=Quiet())
pil = module('PIL'); pil.Image = module('PIL.Image')
for name in ('lmms_eval', 'lmms_eval.tasks', 'lmms_eval.tasks.kris_bench'): module(name).__path__ = []
archive = zipfile.ZipFile(wheel)
def load(name):
    full = 'lmms_eval.tasks.kris_bench.' + name
    made = module(full)
    exec(compile(archive.read('lmms_eval/tasks/kris_bench/' + name + '.py'), name, 'exec'), made.__dict__)
    return made
load('prompt'); kris = load('utils')
class Picture:
    def convert(self, mode): return self
kris.Image.open = lambda path: Picture()
groups = {}
for doc, scores in json.load(open(answers)):
    kris._evaluate_one = lambda scores=scores, **k: scores
    doc['ori_images'] = [Picture()]
    for key, packed in kris.kris_bench_process_results(doc, [json.dumps({'images': ['x']})]).items():
        groups.setdefault(key, []).append(packed)
print(json.dumps({key: kris.kris_bench_aggregate_mean(packed) for key, packed in groups.items()}))
`

const folder = mkdtempSync(join(tmpdir(), 'dda-lmms-eval-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const python = process.platform === 'win32' ? 'python' : 'python3'
const wheel = join(folder, 'lmms_eval-0.7.3-py3-none-any.whl')
const download = spawnSync(
  python,
  ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder, 'lmms-eval==0.7.3'],
  { encoding: 'utf8', timeout: 120_000 },
)
const isHere = download.status === 0
const why = isHere ? '' : ' (lmms-eval 0.7.3 cannot be downloaded here)'

const METRICS = ['consistency', 'quality', 'instruction', 'knowledge'] as const
/** Our rows, and what lmms-eval calls the same. */
const GROUPS: Readonly<Record<string, string>> = {
  Overall: 'overall_avg',
  'Factual Knowledge': 'factual_knowledge_avg',
  'Conceptual Knowledge': 'conceptual_knowledge_avg',
  'Procedural Knowledge': 'procedural_knowledge_avg',
  'Attribute Perception': 'factual_attribute_perception_avg',
  'Spatial Perception': 'factual_spatial_perception_avg',
  'temporal_prediction: forward': 'factual_temporal_forward_prediction_avg',
  'temporal_prediction: intermediate': 'factual_temporal_intermediate_prediction_avg',
  'temporal_prediction: reverse': 'factual_temporal_reverse_prediction_avg',
  'Social Science': 'conceptual_social_science_avg',
  'Natural Science': 'conceptual_natural_science_avg',
  'Logical Reasoning': 'procedural_logical_reasoning_avg',
  'Instruction Decomposition': 'procedural_instruction_decomposition_avg',
}

test.skipIf(!isHere)(`per-sample means are those of lmms-eval 0.7.3${why}`, () => {
  const random = seededRandom(7)
  const folders = DIMENSIONS.flatMap((dimension) => Object.keys(dimension.folders))
  const items = folders.flatMap((category) =>
    Array.from({ length: 12 }, (_, at) => ({
      id: `${category}/${at + 1}`,
      category,
      instruction: 'Do it.',
      images: [`${category}/${at + 1}.jpg`],
      ...(category === 'temporal_prediction' && { referenceImages: [`${category}/${at + 1}-${1 + (at % 4)}.jpg`] }),
      output: `${category}/${at + 1}`,
      entry: {},
    })),
  )
  const answers = new Map(
    items.map((item) => [
      item.id,
      Object.fromEntries(
        METRICS.filter((metric) => dimensionOf(item.category).metrics.includes(metric)).map((metric) => [
          `${metric}_score`,
          random() < 0.1 ? null : 1 + Math.floor(5 * random()),
        ]),
      ),
    ]),
  )
  const documents = items.map((item) => [
    { category: item.category, id: item.id, ins_en: 'Do it.', gt_img: item.referenceImages?.[0] ?? '' },
    answers.get(item.id),
  ])
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(documents))
  const ran = spawnSync(python, ['-c', ORACLE, wheel, join(folder, 'answers.json')], { encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  const theirs = JSON.parse(ran.stdout) as Readonly<Record<string, number>>
  const { rows } = krisBenchmark({ mean: 'per-sample', parser: 'official' }).score(items, answers)
  for (const [name, key] of Object.entries(GROUPS)) {
    const ours = rows.find((row) => row.name === name)?.figures['average'] ?? Number.NaN
    expect(Math.abs(ours - (theirs[`kris_bench_${key}`] ?? Number.NaN)), name).toBeLessThan(1e-9)
  }
})
