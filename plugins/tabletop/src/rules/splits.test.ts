import { expect, test } from 'vitest'
import { tabletopWords, wordsOf } from '../lexicon/lexicon.ts'
import { Dice } from './dice.ts'
import { combinationsFor, heldOutOf, layoutOf, splitOfLayout } from './split.ts'
import { CATEGORIES, SUB_TASKS } from './sub-tasks.ts'

test('five sub-tasks in each of four categories, taking turns', () => {
  expect(SUB_TASKS).toHaveLength(20)
  for (const category of CATEGORIES) {
    expect(SUB_TASKS.filter((task) => task.category === category)).toHaveLength(5)
  }
  expect(SUB_TASKS.slice(0, 4).map((task) => task.category)).toEqual(CATEGORIES)
  expect(new Set(SUB_TASKS.map((task) => task.id)).size).toBe(20)
})

test.each(SUB_TASKS)('$id: enough sentences, none in both splits, none too long', ({ wording }) => {
  expect(wording.train.length).toBeGreaterThanOrEqual(8)
  expect(wording.heldOut.length).toBeGreaterThanOrEqual(3)
  const all = [...wording.train, ...wording.heldOut]
  expect(new Set(all.map((sentence) => sentence.toLowerCase())).size).toBe(all.length)
  for (const sentence of all) {
    const longest = sentence.replace(/\{[ab]\}/g, 'wine glass')
    expect(longest.split(' ').length, sentence).toBeLessThanOrEqual(14)
  }
})

test.each(SUB_TASKS)('$id: its cues tell it from every other sub-task', ({ id, wording }) => {
  const others = SUB_TASKS.filter((task) => task.id !== id).flatMap(({ wording: w }) => [...w.train, ...w.heldOut])
  const foreign = new Set(others.flatMap(wordsOf))
  expect(wording.cues.filter((cue) => foreign.has(cue))).toEqual([])
  for (const sentence of [...wording.train, ...wording.heldOut]) {
    expect(
      wordsOf(sentence).some((word) => wording.cues.includes(word)),
      sentence,
    ).toBe(true)
  }
})

test.each(SUB_TASKS)('$id: held-out sentences are new sentences of words that training has', ({ wording }) => {
  const trained = new Set(SUB_TASKS.flatMap((task) => task.wording.train).flatMap(wordsOf))
  const own = new Set(wording.train.flatMap(wordsOf))
  for (const sentence of wording.heldOut) {
    expect(
      wordsOf(sentence).filter((word) => !trained.has(word)),
      sentence,
    ).toEqual([])
    const cues = wordsOf(sentence).filter((word) => wording.cues.includes(word))
    expect(cues.filter((cue) => own.has(cue)).length, sentence).toBeGreaterThan(0)
  }
})

test.each(SUB_TASKS)('$id: the splits share no object x rule combination and no scene', (subTask) => {
  const scenes = { train: new Set<string>(), 'held-out': new Set<string>() }
  const used = { train: new Set<string>(), 'held-out': new Set<string>() }
  for (const split of ['train', 'held-out'] as const) {
    for (let i = 0; scenes[split].size < 60 && i < 4000; i++) {
      const task = subTask.make(new Dice(`${subTask.id}/${split}/${i}`), split)
      if (task === undefined || splitOfLayout(task.objects) !== split) continue
      scenes[split].add(layoutOf(task.objects))
      for (const combination of task.combinations) used[split].add(combination)
      const heldOut = task.combinations.filter(isHeldOut)
      if (split === 'train') expect(heldOut).toEqual([])
      else if (task.combinations.length > 0) expect(heldOut.length).toBeGreaterThan(0)
    }
    expect(scenes[split].size).toBe(60)
  }
  expect([...scenes.train].filter((scene) => scenes['held-out'].has(scene))).toEqual([])
  const rules = Object.keys(subTask.combinations)
  if (rules.length > 0) expect([...used['held-out']].some(isHeldOut)).toBe(true)
})

function isHeldOut(combination: string): boolean {
  const [rule = '', what = ''] = combination.split(': ')
  const all = SUB_TASKS.map((task) => task.combinations[rule]).find((list) => list !== undefined)
  return heldOutOf(rule, all ?? []).has(what)
}

test('a fifth of the combinations of each rule is held out, the same whatever else there is', () => {
  for (const { combinations } of SUB_TASKS) {
    for (const [rule, all] of Object.entries(combinations)) {
      const heldOut = combinationsFor(rule, all, 'held-out')
      expect(heldOut.length, rule).toBe(Math.ceil(all.length * 0.2))
      expect([...combinationsFor(rule, all, 'train'), ...heldOut].toSorted()).toEqual(all.toSorted())
      expect(combinationsFor(rule, all.toReversed(), 'held-out').toSorted()).toEqual(heldOut.toSorted())
    }
  }
})

test('every one-off mapping occurs in training', () => {
  for (const subTask of SUB_TASKS) {
    const wanted = new Set(subTask.becomes?.map(([from, to]) => `${from} ${to}`))
    for (let i = 0; wanted.size > 0 && i < 2000; i++) {
      const task = subTask.make(new Dice(`mappings/${i}`), 'train')
      for (const clause of task?.solution ?? []) {
        if (clause.op === 'replace') wanted.delete(`${clause.target.kind} ${clause.by.kind}`)
      }
    }
    expect([...wanted], subTask.id).toEqual([])
  }
})

test('the lexicon has every word of every sentence', () => {
  const words = new Set(tabletopWords())
  for (const { wording } of SUB_TASKS) {
    for (const sentence of [...wording.train, ...wording.heldOut]) {
      expect(wordsOf(sentence).filter((word) => !words.has(word))).toEqual([])
    }
  }
})
