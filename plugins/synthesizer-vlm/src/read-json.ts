import { isRecord } from '@dda-thinker/data-files'
import { withoutFence } from '@dda-thinker/endpoints/chat'

export type Reading<T> = { readonly value: T } | { readonly problem: string; readonly refused?: boolean }

/** How models decline in words, at the beginning of an answer that is no JSON. */
const REFUSAL =
  /^\W*(i['’]?m (very )?sorry|i am sorry|sorry|i can(['’]?t|not)|i['’]?m (not able|unable)|i am (not able|unable)|as an ai)\b/i

/** The JSON object that an answer is; one code fence around it is taken off, and nothing is searched for in prose. */
export function readObject(text: string): Reading<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(withoutFence(text))
    return isRecord(value) ? { value } : { problem: 'it is no JSON object' }
  } catch {
    if (text.trim() === '') return { problem: 'it is empty' }
    return REFUSAL.test(text.trim())
      ? { problem: text.trim().slice(0, 200), refused: true }
      : { problem: 'it is not JSON' }
  }
}

/** One line of text under a key; `undefined` where there is none. */
export function textAt(object: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = object[key]
  if (typeof value !== 'string') return undefined
  const text = value.replaceAll(/\s+/g, ' ').trim()
  return text === '' ? undefined : text
}
