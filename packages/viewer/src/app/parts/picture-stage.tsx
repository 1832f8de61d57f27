import { useState } from 'preact/hooks'
import { useKeys } from '../state/keys.ts'
import type { StagePicture } from '../state/scene-pictures.ts'
import { Picture } from './picture.tsx'
import { useZoom } from './use-zoom.ts'

const MODES = [
  ['beside', 'Side by side'],
  ['swipe', 'Swipe'],
  ['onion', 'Onion skin'],
  ['difference', 'Difference'],
] as const
type Mode = (typeof MODES)[number][0]

interface PictureStageProps {
  /** The first is what an edit was made from. */
  readonly pictures: readonly StagePicture[]
  readonly mode: string | undefined
  readonly setMode: (mode: string) => void
}

/** Pictures of one scene: side by side, or one over another; all of them zoom and move together. Held, f shows the first in place of the second. */
export function PictureStage({ pictures, mode: asked, setMode }: PictureStageProps) {
  const mode: Mode = MODES.find(([name]) => name === asked)?.[0] ?? 'beside'
  const [share, setShare] = useState(50)
  const [under, setUnder] = useState(0)
  const [over, setOver] = useState(1)
  const [flipped, setFlipped] = useState(false)
  const zoom = useZoom()
  useKeys({
    f: (up) => setFlipped(!up),
    '1': () => setMode('beside'),
    '2': () => setMode('swipe'),
    '3': () => setMode('onion'),
    '4': () => setMode('difference'),
    '+': () => zoom.by(1.5),
    '-': () => zoom.by(1 / 1.5),
    '0': () => zoom.reset(),
  })
  const [below, above] = [pictures[under] ?? pictures[0], pictures[over] ?? pictures[1]]
  const panes =
    flipped && mode === 'beside'
      ? pictures.map((one, i) => (i === 1 ? { ...one, src: pictures[0]?.src } : one))
      : pictures
  return (
    <section class="stage" aria-label="Pictures">
      <div class="tools">
        {MODES.map(([name, label]) => (
          <button key={name} type="button" aria-pressed={mode === name} onClick={() => setMode(name)}>
            {label}
          </button>
        ))}
        {mode !== 'beside' && pictures.length > 2 && (
          <>
            <Which label="below" pictures={pictures} value={under} set={setUnder} />
            <Which label="above" pictures={pictures} value={over} set={setOver} />
          </>
        )}
        {(mode === 'swipe' || mode === 'onion') && (
          <label>
            {mode === 'swipe' ? 'Edge' : 'Strength'}
            <input
              type="range"
              min="0"
              max="100"
              value={share}
              onInput={({ currentTarget }) => setShare(Number(currentTarget.value))}
            />
          </label>
        )}
        <button
          type="button"
          aria-pressed={flipped}
          onPointerDown={() => setFlipped(true)}
          onPointerUp={() => setFlipped(false)}
          onPointerLeave={() => setFlipped(false)}
        >
          Flip (hold f)
        </button>
        <button type="button" onClick={() => zoom.reset()}>
          Whole picture
        </button>
      </div>
      {mode === 'beside' ? (
        <div class="panes" ref={zoom.frame}>
          {panes.map(({ label, src, none }, i) => (
            <figure key={i}>
              <div class="pane">
                <div class="moved" style={zoom.style}>
                  <Picture src={src} alt={label} {...(none === undefined ? {} : { none })} />
                </div>
              </div>
              <figcaption>{flipped && i === 1 ? `${pictures[0]?.label}, held in place of the edit` : label}</figcaption>
            </figure>
          ))}
        </div>
      ) : (
        <figure>
          <div class="pane large" ref={zoom.frame}>
            <div class="moved" style={zoom.style}>
              <Picture
                src={below?.src}
                alt={below?.label ?? ''}
                {...(below?.none === undefined ? {} : { none: below.none })}
              />
              {!flipped && (
                <div class={`over ${mode}`} style={overStyle(mode, share)}>
                  <Picture
                    src={above?.src}
                    alt={above?.label ?? ''}
                    {...(above?.none === undefined ? {} : { none: above.none })}
                  />
                </div>
              )}
            </div>
          </div>
          <figcaption>
            {flipped
              ? below?.label
              : mode === 'swipe'
                ? `${above?.label} left of the edge, ${below?.label} right of it`
                : mode === 'onion'
                  ? `${above?.label} over ${below?.label}`
                  : `Difference of ${below?.label} and ${above?.label}; black is equal`}
          </figcaption>
        </figure>
      )}
    </section>
  )
}

function overStyle(mode: Mode, share: number): Readonly<Record<string, string>> {
  if (mode === 'swipe') return { clipPath: `inset(0 ${100 - share}% 0 0)` }
  return mode === 'onion' ? { opacity: String(share / 100) } : {}
}

interface WhichProps {
  readonly label: string
  readonly pictures: readonly StagePicture[]
  readonly value: number
  readonly set: (value: number) => void
}

function Which({ label, pictures, value, set }: WhichProps) {
  return (
    <label>
      {label}
      <select value={String(value)} onChange={({ currentTarget }) => set(Number(currentTarget.value))}>
        {pictures.map((one, i) => (
          <option key={i} value={String(i)}>
            {one.label}
          </option>
        ))}
      </select>
    </label>
  )
}
