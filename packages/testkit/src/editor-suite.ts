import { guardImage } from '@dda-thinker/pictures'
import assert from 'node:assert/strict'
import type { Editor, EditRequest, EditResult, ImageStore } from '@dda-thinker/plugin-api'
import { deepFreeze, makeContext, MISSING_IMAGE } from './fakes/index.ts'
import {
  assertFingerprint,
  failsWithCode,
  stopsWhenAborted,
  testDiagnosis,
  withRole,
  type SuiteOptions,
} from './harness.ts'

export interface EditorSuiteOptions extends SuiteOptions<Editor> {
  /** Stores pictures and gives requests that the Editor can carry out; at least one, better two or three. */
  readonly requests: (images: ImageStore) => Promise<readonly EditRequest[]>
  /** Pixels of a picture, for Editors whose results are equal to the eye only; without it that is not checked. */
  readonly decode?: (bytes: Uint8Array) => Promise<{ readonly width: number; readonly data: Uint8Array }>
}

/** Mean difference of a channel, of 255, up to which two pictures count as equal to the eye. */
const VISUAL_TOLERANCE = 4

/**
 * Registers the conformance tests of an Editor. What it declares in `supports` decides which ones: repeatability by
 * `determinism`, parallel work by `concurrency`. That no plan is longer than `promptLimit` and no sample has fewer or more
 * pictures than `minImages` and `maxImages` is the engine's promise.
 */
export function editorSuite(options: EditorSuiteOptions): void {
  const { test, factory } = options
  const { supports } = factory()
  const { minImages = 1 } = supports
  // A nonsensical declaration fails a test of its own; the others must still end.
  const width = Math.max(1, Math.floor(supports.concurrency) || 1)

  const each = async (check: (editor: Editor, requests: readonly EditRequest[]) => Promise<void>): Promise<void> => {
    const context = makeContext()
    const requests = deepFreeze(await options.requests(context.images))
    assert.ok(requests.length > 0, 'the suite needs at least one request')
    await withRole(factory(), context, (editor) => check(editor, requests))
  }
  testDiagnosis(options)

  test('declares what it supports, and has a fingerprint that a second instance shares', () =>
    each(async (editor) => {
      assert.deepEqual(editor.supports, supports, 'what it supports is known before it opens')
      assert.ok(
        Number.isInteger(supports.concurrency) && supports.concurrency >= 1,
        'concurrency is a positive integer',
      )
      assert.ok(Number.isInteger(minImages) && minImages >= 0, 'minImages is an integer, not negative')
      assert.ok(Number.isInteger(supports.maxImages) && supports.maxImages >= 1, 'maxImages is a positive integer')
      assert.ok(minImages <= supports.maxImages, 'minImages is at most maxImages')
      assert.ok(['bitwise', 'visual', 'none'].includes(supports.determinism), 'determinism is one of the three levels')
      assert.ok(supports.promptLimit === undefined || supports.promptLimit >= 1, 'promptLimit is positive')
      await each(async (other) => assertFingerprint([editor.fingerprint, other.fingerprint]))
    }))

  test('turns pictures and a plan into an encoded picture, and leaves its input alone', () =>
    each(async (editor, requests) => {
      for (const request of requests) {
        const { bytes, cost, notes } = await edit(editor, request)
        await guardImage(bytes)
        for (const amount of Object.values(cost ?? {})) assert.ok(amount >= 0, 'costs are not negative')
        for (const note of notes ?? []) assert.equal(typeof note, 'string')
      }
    }))

  if (supports.determinism === 'bitwise') {
    test('the same request gives the same bytes, whoever runs beside it and in a fresh instance', () =>
      each(async (editor, requests) => {
        const first = await inOrder(requests, (request) => edit(editor, request))
        const again = await atOnce(requests.toReversed(), width, (request) => edit(editor, request))
        first.forEach((result, i) => assertSameBytes(result, again.toReversed()[i]))
        await each(async (other) => {
          const fresh = await inOrder(requests, (request) => edit(other, request))
          first.forEach((result, i) => assertSameBytes(result, fresh[i]))
        })
      }))
  }

  const { decode } = options
  if (supports.determinism === 'visual' && decode !== undefined) {
    test('the same request gives pictures that are equal to the eye', () =>
      each(async (editor, requests) => {
        for (const request of requests) {
          const a = await decode((await edit(editor, request)).bytes)
          const b = await decode((await edit(editor, request)).bytes)
          assert.equal(a.data.length, b.data.length, 'both pictures have the same size')
          const difference =
            a.data.reduce((sum, value, i) => sum + Math.abs(value - (b.data[i] ?? 0)), 0) / a.data.length
          assert.ok(difference <= VISUAL_TOLERANCE, `channels differ by ${difference} of 255 on average`)
        }
      }))
  }

  test('works on as many edits at once as it declares', () =>
    each(async (editor, requests) => {
      const many = Array.from({ length: width * 2 }, (_, i) => requests[i % requests.length] as EditRequest)
      const results = await atOnce(many.slice(0, 16), width, (request) => edit(editor, request))
      for (const { bytes } of results) await guardImage(bytes)
    }))

  test('a picture that is not stored ends in an error with a code', () =>
    each(async (editor, [request]) => {
      const images = Array.from({ length: minImages }, () => MISSING_IMAGE)
      await failsWithCode(edit(editor, { ...(request as EditRequest), images }), {
        what: 'a missing picture',
      })
    }))

  test('does not edit when its signal is aborted already', () =>
    each((editor, [request]) => stopsWhenAborted((signal) => editor.edit(request as EditRequest, { signal }))))

  test('an edit whose signal is aborted on the way ends', () =>
    each(async (editor, [request]) => {
      const controller = new AbortController()
      const call = editor.edit(request as EditRequest, { signal: controller.signal })
      controller.abort()
      await Promise.allSettled([call])
      // What was aborted must not spoil what comes next.
      await guardImage((await edit(editor, request as EditRequest)).bytes)
    }))

  test('closes twice, and a second instance opens beside the first', () =>
    each(async (editor, [request]) => {
      await each(async (other) => {
        await other.close?.()
      })
      await guardImage((await edit(editor, request as EditRequest)).bytes)
    }))
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}

async function atOnce<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += width) {
    results.push(...(await Promise.all(items.slice(at, at + width).map(work))))
  }
  return results
}

function assertSameBytes(a: EditResult, b: EditResult | undefined): void {
  assert.ok(
    b !== undefined && Buffer.from(a.bytes).equals(b.bytes),
    'determinism is declared bitwise, but the bytes differ',
  )
}

function edit(editor: Editor, request: EditRequest): Promise<EditResult> {
  return editor.edit(request, { signal: new AbortController().signal })
}
