import assert from 'node:assert/strict'
import {
  JUDGE_SIGHTS,
  type ChecklistItem,
  type ImageStore,
  type Judge,
  type JudgeRequest,
  type Verdict,
} from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext, MISSING_IMAGE } from './fakes/index.ts'
import {
  assertFingerprint,
  failsWithCode,
  stopsWhenAborted,
  testDiagnosis,
  withRole,
  type SuiteOptions,
} from './harness.ts'

/** A request, and the answers that are known to be right, by item id. */
export interface JudgeCase {
  readonly request: JudgeRequest
  readonly answers?: Readonly<Record<string, Verdict['answer']>>
}

export interface JudgeSuiteOptions extends SuiteOptions<Judge> {
  /** Stores pictures and gives requests, at least one for each scope that the judge declares. */
  readonly cases: (images: ImageStore) => Promise<readonly JudgeCase[]>
  /** Does the same request always get the same answers? Default true. */
  readonly deterministic?: boolean
}

/** Registers the conformance tests of a judge. */
export function judgeSuite(options: JudgeSuiteOptions): void {
  const { test, factory, deterministic = true } = options
  const { scopes } = factory()

  const each = async (check: (judge: Judge, cases: readonly JudgeCase[]) => Promise<void>): Promise<void> => {
    const context = makeContext()
    const cases = deepFreeze(await options.cases(context.images))
    await withRole(factory(), context, (judge) => check(judge, cases))
  }
  testDiagnosis(options)

  test('declares its scopes and its concurrency, and has a case for each scope', () =>
    each(async (judge, cases) => {
      await each(async (other) => assertFingerprint([judge.fingerprint, other.fingerprint]))
      assert.ok(scopes.length > 0 && scopes.every((scope) => scope === 'cognitive' || scope === 'visual'))
      assert.equal(new Set(scopes).size, scopes.length, 'no scope is declared twice')
      const { sees = [] } = judge
      assert.ok(
        sees.every((sight) => JUDGE_SIGHTS.includes(sight)),
        `a judge sees ${JUDGE_SIGHTS.join(' or ')}, not ${sees.join()}`,
      )
      assert.ok(Number.isInteger(judge.concurrency) && judge.concurrency >= 1, 'concurrency is a positive integer')
      for (const scope of scopes) {
        assert.ok(
          cases.some(({ request }) => request.scope === scope && request.items.length > 1),
          `a ${scope} case of 2 items`,
        )
      }
    }))

  test('gives exactly one verdict for each item, and leaves its input alone', () =>
    each(async (judge, cases) => {
      for (const { request } of cases) {
        const verdicts = await ask(judge, request)
        assert.deepEqual(
          verdicts.map((verdict) => verdict.itemId).toSorted(),
          request.items.map((item) => item.id).toSorted(),
        )
        for (const verdict of verdicts) {
          assert.ok(['yes', 'no', 'unsure'].includes(verdict.answer), `answer ${verdict.answer}`)
          assert.equal(verdict.judge, judge.fingerprint, 'a verdict names its judge by fingerprint')
          const { probability = 0 } = verdict
          assert.ok(probability >= 0 && probability <= 1, `probability ${probability}`)
        }
      }
    }))

  test('where it says which items it can answer, it says so for the cases, always the same, by the item alone', () =>
    each(async (judge, cases) => {
      if (judge.answers === undefined) return
      const items = cases.flatMap(({ request }) => request.items)
      const said = items.map((item) => judge.answers?.(item))
      assert.ok(said.includes(true), 'the suite needs a case with an item that the judge can answer')
      await each(async (other) => {
        for (const [i, item] of items.entries()) assert.equal(other.answers?.(flipExpectation(item)), said[i])
      })
    }))

  test('answers the cases whose right answers are known', () =>
    each(async (judge, cases) => {
      for (const { request, answers = {} } of cases) {
        const verdicts = new Map((await ask(judge, request)).map((verdict) => [verdict.itemId, verdict.answer]))
        for (const [itemId, answer] of Object.entries(answers)) {
          const question = request.items.find((item) => item.id === itemId)?.question
          assert.equal(verdicts.get(itemId), answer, `item ${itemId}: ${question}`)
        }
      }
    }))

  if (deterministic) {
    test('answers what it is asked, not what is expected: flipped expectations change no answer', () =>
      each(async (judge, cases) => {
        for (const { request } of cases) {
          const items = request.items.map(flipExpectation)
          assert.deepEqual(answersOf(await ask(judge, { ...request, items })), answersOf(await ask(judge, request)))
        }
      }))

    test('gives the same answers again, in a fresh instance and to other requests at the same time', () =>
      each(async (judge, cases) => {
        const together = await Promise.all(cases.slice(0, judge.concurrency).map(({ request }) => ask(judge, request)))
        await each(async (other) => {
          for (const [i, verdicts] of together.entries()) {
            const { request } = cases[i] as JudgeCase
            assert.deepEqual(answersOf(await ask(other, request)), answersOf(verdicts))
          }
        })
      }))
  }

  test('as a visual judge it reads no plan, and of the sample only what it declares to see', () =>
    each(async (judge, cases) => {
      const hidden = JUDGE_SIGHTS.filter((sight) => judge.sees?.includes(sight) !== true)
      for (const { request } of cases) {
        const keys =
          request.scope === 'visual' ? ['plan', ...hidden] : hidden.filter((sight) => sight !== 'instruction')
        await ask(judge, forbid({ ...request }, ['reasoning', ...keys]))
      }
    }))

  if (scopes.includes('visual')) {
    test('an edited picture that is not stored ends in an error with a code', () =>
      each(async (judge, cases) => {
        const request = cases.map((one) => one.request).find((one) => one.scope === 'visual')
        if (request?.scope !== 'visual') assert.fail('the suite needs a visual case')
        await failsWithCode(ask(judge, { ...request, edited: MISSING_IMAGE }), { what: 'a missing picture' })
      }))
  }

  test('does not judge when its signal is aborted already', () =>
    each((judge, [first]) => stopsWhenAborted((signal) => judge.judge((first as JudgeCase).request, { signal }))))

  test('closes twice', () =>
    each(async (judge) => {
      await judge.close?.()
    }))
}

function flipExpectation(item: ChecklistItem): ChecklistItem {
  return { ...item, expected: item.expected === 'yes' ? 'no' : 'yes', weight: 7, critical: item.critical !== true }
}

function answersOf(verdicts: readonly Verdict[]): Readonly<Record<string, string>> {
  return Object.fromEntries(verdicts.map(({ itemId, answer }) => [itemId, answer]))
}

/** The object, which throws where one of these keys is read. */
function forbid<T extends object>(object: T, keys: readonly string[]): T {
  return new Proxy(object, {
    get(target, key, receiver) {
      assert.ok(typeof key !== 'string' || !keys.includes(key), `a judge read '${String(key)}' of its request`)
      return Reflect.get(target, key, receiver) as unknown
    },
  })
}

function ask(judge: Judge, request: JudgeRequest): Promise<readonly Verdict[]> {
  return judge.judge(request, { signal: new AbortController().signal })
}
