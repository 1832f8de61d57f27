import { useLayoutEffect, useRef } from 'preact/hooks'

/** What a key does; of a key that is held, `up` when it is let go. */
export type KeyActions = Readonly<Record<string, (up: boolean, event: KeyboardEvent) => void>>

/** Keys of the whole page while the caller is shown, but not while somebody types. */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions)
  latest.current = actions
  // Heard from the moment that the caller can be seen: an effect would wait until it is painted.
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target, event.key)) return
      const action = latest.current[event.key]
      if (action === undefined || (event.type === 'keyup' && action.length === 0)) return
      if (event.type === 'keydown' && !event.repeat) event.preventDefault()
      action(event.type === 'keyup', event)
    }
    addEventListener('keydown', listener)
    addEventListener('keyup', listener)
    return () => {
      removeEventListener('keydown', listener)
      removeEventListener('keyup', listener)
    }
  }, [])
}

function isTyping(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true
  if (!(target instanceof HTMLInputElement)) return false
  return target.type === 'range' ? key.startsWith('Arrow') : target.type !== 'checkbox' && target.type !== 'radio'
}
