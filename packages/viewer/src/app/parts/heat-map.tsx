import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { hrefTo, go } from '../state/route.ts'
import { type PassRates, passRates } from '../state/pass-rates.ts'
import type { RunStore } from '../state/run-store.ts'
import { useScheme } from '../state/use-scheme.ts'
import { percent } from './words.ts'

const CELL = { width: 14, height: 18 }
const LABEL = 260
/** Items drawn; the others are named in words. */
const MOST = 120

/** How often each item passed, step by step. Items that always or never pass teach nothing. A click opens what failed. */
export function HeatMap({ store }: { readonly store: RunStore }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const rates = useMemo(() => passRates(store.columns), [store, store.version])
  const [told, setTold] = useState('')
  const scheme = useScheme()
  const shown = rates.items.slice(0, MOST)
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, rates, shown.length)
  }, [rates, scheme])
  const find = ({ offsetX, offsetY }: MouseEvent) => ({
    item: shown[Math.floor(offsetY / CELL.height)],
    bin: Math.floor((offsetX - LABEL) / CELL.width),
  })
  if (rates.items.length === 0) return null
  const silent = rates.items.filter(({ asked, passed }) => asked > 1 && (passed === 0 || passed === asked)).length
  return (
    <figure class="chart wide">
      <figcaption>
        Items by step: how often they passed ({rates.items.length} items
        {rates.items.length > MOST ? `, the ${MOST} that were asked most are drawn` : ''}; {silent} always or never
        pass; blue: never, pale: every other time, orange: always)
      </figcaption>
      <div class="scroll-x" role="region" aria-label="Heat map of items" tabIndex={0}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={shown
            .map(({ fact, asked, passed }) => `${fact.id} ${percent(passed / asked)}`)
            .slice(0, 20)
            .join(', ')}
          onMouseMove={(event) => {
            const { item, bin } = find(event)
            const cell = item?.bins[bin]
            setTold(
              item === undefined
                ? ''
                : `${item.fact.question ?? item.fact.id}: ${cell === undefined || cell.asked === 0 ? `${percent(item.passed / item.asked)} of ${item.asked}` : `${percent(cell.passed / cell.asked)} of ${cell.asked}, steps ${rates.stepsOf(bin).join(' to ')}`}`,
            )
          }}
          onClick={(event) => {
            const { item, bin } = find(event)
            if (item !== undefined)
              go(
                hrefTo(['run', store.name, 'grid'], {
                  item: `f${item.place}`,
                  ...(bin >= 0 && { steps: rates.stepsOf(bin).join('..') }),
                }),
              )
          }}
        />
      </div>
      <p role="status">{told}</p>
    </figure>
  )
}

function draw(canvas: HTMLCanvasElement, { items, bins }: PassRates, count: number): void {
  const ratio = devicePixelRatio
  const [width, height] = [LABEL + bins * CELL.width, count * CELL.height]
  canvas.width = width * ratio
  canvas.height = height * ratio
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  const style = getComputedStyle(canvas)
  context.scale(ratio, ratio)
  context.font = '12px system-ui'
  context.textBaseline = 'middle'
  for (const [line, { fact, bins: cells }] of items.slice(0, count).entries()) {
    const y = line * CELL.height
    context.fillStyle = style.color
    context.fillText(`${fact.subtask ?? ''} ${fact.id}`.trim(), 0, y + CELL.height / 2, LABEL - 8)
    for (const [bin, { asked, passed }] of cells.entries()) {
      if (asked === 0) continue
      // From blue (never) over pale to orange (always): told apart by everybody.
      const rate = passed / asked
      context.fillStyle = `hsl(${rate < 0.5 ? 215 : 32} 75% ${95 - Math.abs(rate - 0.5) * 90}%)`
      context.fillRect(LABEL + bin * CELL.width, y + 1, CELL.width - 1, CELL.height - 2)
    }
  }
}
