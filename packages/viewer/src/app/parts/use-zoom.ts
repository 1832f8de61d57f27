import { useEffect, useRef, useState } from 'preact/hooks'

const MOST = 32

interface View {
  readonly scale: number
  /** Of the middle of the pane, in its widths and heights. */
  readonly x: number
  readonly y: number
}

const WHOLE: View = { scale: 1, x: 0, y: 0 }

/** Zoom and place that several pictures share: by wheel, by dragging, by keys. */
export function useZoom() {
  const frame = useRef<HTMLDivElement>(null)
  const [view, setView] = useState(WHOLE)
  const by = (factor: number) =>
    setView(({ scale, x, y }) => {
      const next = Math.min(MOST, Math.max(1, scale * factor))
      return next === 1 ? WHOLE : { scale: next, x: (x * next) / scale, y: (y * next) / scale }
    })
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.shiftKey) return
      event.preventDefault()
      by(Math.exp(-(event.deltaY || event.deltaX) / 300))
    }
    let from: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | undefined
    const down = (event: PointerEvent) => {
      const pane = (event.target as HTMLElement).closest('.pane')
      if (pane === null) return
      const { width, height } = pane.getBoundingClientRect()
      from = { x: event.clientX, y: event.clientY, width, height }
    }
    const moved = (event: PointerEvent) => {
      if (from === undefined) return
      const { x, y, width, height } = from
      const [dx, dy] = [(event.clientX - x) / width, (event.clientY - y) / height]
      from = { ...from, x: event.clientX, y: event.clientY }
      setView((before) => (before.scale === 1 ? before : { ...before, x: before.x + dx, y: before.y + dy }))
    }
    const up = () => (from = undefined)
    element.addEventListener('wheel', wheel, { passive: false })
    element.addEventListener('pointerdown', down)
    addEventListener('pointermove', moved)
    addEventListener('pointerup', up)
    return () => {
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('pointerdown', down)
      removeEventListener('pointermove', moved)
      removeEventListener('pointerup', up)
    }
  }, [frame.current])
  const style = { transform: `translate(${view.x * 100}%, ${view.y * 100}%) scale(${view.scale})` }
  return { frame, style, by, reset: () => setView(WHOLE) }
}
