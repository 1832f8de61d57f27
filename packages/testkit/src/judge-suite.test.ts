import type { Judge, JudgeRequest, RoleContext, Verdict } from '@dda-thinker/plugin-api'
import { makeItem, makePng } from './fakes/index.ts'
import { judgeSuite } from './judge-suite.ts'
import { catches } from './meta.fixture.ts'

/** Says yes where the question's last word is in the plan, or the picture's type. */
function lexical(): Judge {
  let context: RoleContext | undefined
  return {
    fingerprint: 'lexical',
    scopes: ['cognitive', 'visual'],
    concurrency: 2,
    async open(given) {
      context = given
    },
    async judge(request, { signal }) {
      signal.throwIfAborted()
      if (request.scope === 'visual') await context?.images.get(request.edited)
      const subject = request.scope === 'cognitive' ? request.plan : request.edited.mediaType
      return request.items.map(({ id, question }) => {
        const word = question.slice(question.lastIndexOf(' ') + 1, -1)
        return { itemId: id, answer: subject.includes(word) ? 'yes' : 'no', judge: 'lexical' }
      })
    },
  }
}

const changed =
  (change: (request: JudgeRequest, verdicts: readonly Verdict[]) => readonly Verdict[]) =>
  (judge: Judge): Judge => ({
    ...judge,
    judge: async (request, options) => change(request, await judge.judge(request, options)),
  })

const items = (scope: 'cognitive' | 'visual', words: readonly string[]) =>
  words.map((word) => makeItem(word, scope, { question: `Is there a ${word}?` }))

let instances = 0

catches<Judge>({
  honest: lexical,
  register: (test, factory) =>
    judgeSuite({
      test,
      factory,
      cases: async (images) => {
        const picture = await images.put(makePng({ width: 2, height: 2 }))
        return [
          {
            request: {
              scope: 'cognitive',
              instruction: 'wait',
              plan: 'rot the banana',
              items: items('cognitive', ['banana', 'cup']),
            },
            answers: { banana: 'yes', cup: 'no' },
          },
          { request: { scope: 'visual', source: [picture], edited: picture, items: items('visual', ['png', 'jpeg']) } },
        ]
      },
    }),
  sabotaged: [
    [/declares its scopes/, (judge) => ({ ...judge, concurrency: 1.5 })],
    [/exactly one verdict/, changed((_, verdicts) => verdicts.slice(1))],
    [/exactly one verdict/, changed((_, verdicts) => [...verdicts, ...verdicts])],
    [/exactly one verdict/, changed((_, verdicts) => verdicts.map((verdict) => ({ ...verdict, judge: 'somebody' })))],
    [/exactly one verdict/, changed((_, verdicts) => verdicts.map((verdict) => ({ ...verdict, probability: 2 })))],
    [/right answers/, changed((_, verdicts) => verdicts.map((verdict) => ({ ...verdict, answer: 'unsure' })))],
    [
      /what is expected/,
      changed(({ items }, verdicts) =>
        verdicts.map((verdict, i) => ({ ...verdict, answer: items[i]?.expected ?? 'no' })),
      ),
    ],
    [
      /same answers again/,
      (judge) => {
        const answer = instances++ % 2 === 0 ? 'yes' : 'no'
        return changed((_, verdicts) => verdicts.map((verdict) => ({ ...verdict, answer })))(judge)
      },
    ],
    [/reads no plan/, changed((request, verdicts) => ((request as { plan?: string }).plan === '' ? [] : verdicts))],
    [/only what it declares/, changed((request, verdicts) => (request.reference?.text === '' ? [] : verdicts))],
    [/declares its scopes/, (judge) => ({ ...judge, sees: ['plan' as 'reference'] })],
    [
      /not stored/,
      (judge) => ({
        ...judge,
        judge: (request, options) =>
          judge.judge(
            request.scope === 'visual' ? { ...request, edited: request.source[0] ?? request.edited } : request,
            options,
          ),
      }),
    ],
    [
      /aborted already/,
      (judge) => ({ ...judge, judge: (request) => judge.judge(request, { signal: new AbortController().signal }) }),
    ],
  ],
})
