import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Listed } from '@dda-thinker/evaluation'
import type { Rollout } from '@dda-thinker/plugin-api'
import { type ReadPicture, renderReport, summariseReport } from '@dda-thinker/report'
import { inventReport } from './fixture.ts'

const HOSTILE = `</script><img src=x onerror="alert('1')">'"&`

type Image = ReturnType<typeof inventReport>['image']

/** The pictures of the fixture as they are: they are small. */
function read(image: Image): ReadPicture {
  return async (ref) => ({ bytes: await image(ref), mediaType: ref.mediaType })
}

async function render(options?: Parameters<typeof inventReport>[0]): Promise<string> {
  const { input, image } = inventReport(options)
  return renderReport(input, { image: read(image) })
}

test('the page asks the network for nothing and its policy forbids it', async () => {
  const page = await render()
  expect(page).not.toMatch(/https?:\/\//)
  expect(page).not.toMatch(/@import|<link|<iframe|url\(/)
  for (const [, source] of page.matchAll(/\s(?:src|href)="([^"]*)"/g)) expect(source).toMatch(/^(data:image\/|#)/)
  expect(page).toContain("default-src 'none'")
})

test('the policy admits exactly the style and script inside', async () => {
  const page = await render()
  for (const tag of ['style', 'script']) {
    const elements = [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))]
    expect(elements).toHaveLength(1)
    const hash = createHash('sha256')
      .update(elements[0]?.[1] ?? '')
      .digest('base64')
    expect(page).toContain(`${tag}-src 'sha256-${hash}'`)
  }
  expect(page).not.toMatch(/\sstyle=|\son[a-z]+=/)
})

test('hostile text of samples, models, judges and configs stays text', async () => {
  const page = await render({ text: HOSTILE, samples: 24 })
  expect(page).not.toContain(HOSTILE)
  expect(page.match(/<script/g)).toHaveLength(1)
  expect(page).not.toMatch(/<img src=x/)
  for (const [, source] of page.matchAll(/<image\s[^>]*href="([^"]*)"/g))
    expect(source).toMatch(/^data:image\/png;base64,/)
  expect(page.match(/&#60;\/script&#62;/g)?.length).toBeGreaterThan(50)
})

test('every section is there, and the navigation leads to it', async () => {
  const page = await render()
  const targets = [...page.matchAll(/<a href="#([^"]+)"/g)].map(([, id]) => id)
  expect(targets).toEqual(['by-category', 'gallery', 'learned', 'failing', 'curves', 'spending', 'how', 'notes'])
  for (const id of targets) expect(page).toContain(`<section id="${id}"`)
})

test('an evaluation without training has no curves, and a missing picture is said to be missing', async () => {
  const { input } = inventReport({ steps: 0, samples: 16 })
  const page = await renderReport(input, { image: async () => undefined })
  expect(page).not.toContain('<section id="curves"')
  expect(page).toContain('evaluation report')
  expect(page).toContain('picture no longer stored')
  expect(page).not.toMatch(/<img|<image/)
})

test('the notes count masked rollouts of every arm', async () => {
  const { input, image } = inventReport()
  const masked = input.arms.map(
    ({ rollouts }) => [...rollouts].filter(({ outcome }) => outcome.kind === 'masked').length,
  )
  expect(Math.max(...masked)).toBeGreaterThan(0)
  const page = await renderReport(input, { image: read(image) })
  for (const [i, arm] of input.arms.entries()) {
    expect(page).toContain(`${arm.label}: ${masked[i]} of ${arm.rollouts.length} rollouts masked`)
  }
})

test('what it cost is a row for each stage and endpoint of each run that kept books, and a sum', async () => {
  const page = await render()
  const section = /<section id="spending">([^]*?)<\/section>/.exec(page)?.[1] ?? ''
  expect([...section.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title)).toEqual([
    'Training: train-1a2b3c4d, 2 min 32 s of wall clock',
  ])
  const rows = [...section.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) => cell),
  )
  expect(rows.slice(1)).toEqual([
    ['plan', 'trainer-onnx', '', '15,360', '', '', '', '', '', ''],
    ['edit', 'editor-openai', '', '1,285', '', '', '', '', '', ''],
    ['edit', 'editor-openai', 'editor-1:8000/v1', '', '1,300', 'timeout 12, rate-limited 3', '300', '', '', '51.4'],
    ['judge', 'judge-vlm', '', '2,570', '', '', '', '', '', ''],
    ['judge', 'judge-vlm', 'judge:8000/v1', '', '2,570', '0', '500', '2,570,000', '51,400', '1.285'],
    ['all', '', '', '', '', '', '', '2,570,000', '51,400', '52.685'],
  ])
})

test('without books there is no table of costs', async () => {
  const page = await render({ books: false })
  expect(page).not.toContain('id="spending"')
  expect(page).not.toContain('href="#spending"')
})

test('each picture is loaded once, and only those shown', async () => {
  const { input, image } = inventReport()
  const asked: string[] = []
  await renderReport(input, {
    image: async (ref) => (asked.push(ref.hash), read(image)(ref)),
    gallery: { shown: 2, failing: 1 },
  })
  expect(new Set(asked).size).toBe(asked.length)
  expect(asked.length).toBeLessThanOrEqual(9)
})

test('each picture is inside once, however often it is shown, and leads to its original', async () => {
  const { input, image } = inventReport()
  const page = await renderReport(input, { image: read(image), link: ({ hash }) => `../data/store/${hash}.png` })
  const inside = [...page.matchAll(/<image\s+id="(p\d+)"[^>]*href="([^"]*)"/g)]
  expect(new Set(inside.map(([, , source]) => source)).size).toBe(inside.length)
  const shown = [...page.matchAll(/<use\s+href="#(p\d+)"/g)].map(([, id]) => id)
  expect(shown.length).toBeGreaterThan(inside.length)
  expect(new Set(shown)).toEqual(new Set(inside.map(([, id]) => id)))
  expect(page.match(/<a\s+class="original"\s+href="..\/data\/store\/[^"]+\.png"/g)).toHaveLength(shown.length)
})

test('several evaluations are one table: Thinkers by Editors, the mean of seeds with their spread', async () => {
  const { input, image } = inventReport({ samples: 16 })
  const one = { thinker: 'Trained', editor: 'sketch@1', counted: 40 }
  const evaluations = [
    { ...one, run: 'a', seed: 1, solved: 0.5, low: 0.35, high: 0.65 },
    { ...one, run: 'b', seed: 2, solved: 0.6, low: 0.44, high: 0.74 },
    { ...one, run: 'c', seed: 1, editor: 'tabletop@1', solved: 0.9, low: 0.77, high: 0.96 },
    // Measured nothing: no number, and in no mean.
    { ...one, run: 'd', seed: 3, counted: 0 },
  ]
  const page = await renderReport({ ...input, evaluations }, { image: read(image) })
  const section = /<section id="others">([^]*?)<\/section>/.exec(page)?.[1] ?? ''
  const row = /<tbody>([^]*?)<\/tbody>/
    .exec(section)?.[1]
    ?.replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  expect(row).toBe('Trained 55.0 % ± 7.1 50.0 % to 60.0 % · seeds 1, 2 90.0 % 77–96 % · n = 40 · seed 1')
  expect(await render()).not.toContain('id="others"')
})

test('the same input gives the same page', async () => {
  expect(await render({ samples: 40 })).toBe(await render({ samples: 40 }))
})

test('summary.json has exactly the documented fields, with proportions that agree with their intervals', () => {
  const { input } = inventReport()
  const summary = summariseReport(input)
  expect(Object.keys(summary)).toEqual(['heldOut', 'seconds', 'seed'])
  expect(Object.keys(summary.heldOut)).toEqual(['none', 'base', 'trained'])
  expect(summary.seconds).toEqual({ setup: 41.2, train: 151.7, total: 268.4 })
  expect(summary.seed).toBe(1)
  for (const arm of Object.values(summary.heldOut)) {
    expect(Object.keys(arm)).toEqual(['solved', 'low', 'high', 'byCategory'])
    expect(Object.keys(arm.byCategory)).toEqual(['causal', 'logical', 'spatial', 'temporal'])
    for (const { solved, low, high } of [arm, ...Object.values(arm.byCategory)]) {
      expect(low).toBeLessThanOrEqual(solved as number)
      expect(high).toBeGreaterThanOrEqual(solved as number)
    }
  }
  expect(summary.heldOut['trained']?.solved).toBeGreaterThan(summary.heldOut['base']?.solved ?? 1)
})

/** A list that tells how it was read. */
function watched<T>(values: Listed<T>) {
  const told = { through: 0, at: 0 }
  const list: Listed<T> = {
    length: values.length,
    at: (place) => {
      told.at += 1
      return values.at(place)
    },
    *[Symbol.iterator]() {
      told.through += 1
      yield* values
    },
  }
  return { list, told }
}

test('a report goes through the rollouts once, and reads again only those that it shows', async () => {
  const { input } = inventReport()
  const samples = watched(input.samples)
  const rollouts = new Map<string, ReturnType<typeof watched<Rollout>>>()
  const arms = input.arms.map((arm) => {
    const one = watched(arm.rollouts)
    rollouts.set(arm.id, one)
    return { ...arm, rollouts: one.list }
  })
  const given = { ...input, samples: samples.list, arms }
  summariseReport(given)
  await renderReport(given, { image: async () => undefined, gallery: { shown: 4, failing: 2 } })
  const told = Object.fromEntries([...rollouts].map(([id, one]) => [id, one.told]))
  expect(told).toEqual({
    none: { through: 1, at: 0 },
    base: { through: 1, at: expect.any(Number) as number },
    trained: { through: 1, at: 6 },
  })
  expect(told['base']?.at).toBeLessThanOrEqual(6)
  expect(samples.told).toEqual({ through: 3, at: 6 })
})
