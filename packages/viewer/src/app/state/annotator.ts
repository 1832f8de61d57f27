import { useState } from 'preact/hooks'

const KEY = 'dda-annotator'

/** Who answers: kept in this browser, for the next time. */
export function useAnnotator(): readonly [string, (name: string) => void] {
  const [name, setName] = useState(read)
  const set = (next: string) => {
    setName(next)
    try {
      localStorage.setItem(KEY, next)
    } catch {
      // A browser that keeps nothing asks again.
    }
  }
  return [name, set]
}

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}
