import { useEffect, useState } from 'preact/hooks'

/** Where in the page somebody is; all of it is in the address, so that it can be sent to others. */
export interface Route {
  /** Decoded parts of the path. */
  readonly path: readonly string[]
  readonly query: Query
}

export type Query = Readonly<Record<string, string>>

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
  }
}

/** @param query empty values are left out */
export function hrefTo(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const kept = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] satisfies [string, string]],
  )
  const text = new URLSearchParams(kept).toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

/** @param replace the entry of the history, as for what is typed or scrubbed */
export function go(href: string, replace = false): void {
  if (location.hash === href) return
  if (replace) {
    history.replaceState(undefined, '', href)
    dispatchEvent(new HashChangeEvent('hashchange'))
  } else location.hash = href
}

/** Is the address this one now? A view hears later that somebody has gone elsewhere, and may not take them back. */
export function isAt(path: readonly string[]): boolean {
  return hrefTo(parseRoute(location.hash).path) === hrefTo(path)
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = () => setHash(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return parseRoute(hash)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
