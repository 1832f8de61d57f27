import { useRef } from 'preact/hooks'
import { useKeys } from '../state/keys.ts'

const KEYS = [
  ['←  →', 'rollout before, after; in Steps, the step'],
  ['arrows', 'move in the grid; Enter opens, x chooses'],
  ['f (hold)', 'flip to the source while held'],
  ['1 2 3 4', 'side by side, swipe, onion skin, difference'],
  ['+  −  0', 'zoom in, out, whole picture'],
  ['g', 'the group of a rollout, or back to the grid'],
  ['y n u', 'in Annotate: yes, no, unsure to the marked question; ↑ ↓ mark another, Enter the next rollout'],
  ['/', 'search'],
  ['?', 'these keys'],
] as const

/** The keys, in a dialogue. */
export function KeyHelp() {
  const dialog = useRef<HTMLDialogElement>(null)
  useKeys({ '?': () => dialog.current?.showModal() })
  return (
    <>
      <button type="button" class="keys" onClick={() => dialog.current?.showModal()}>
        Keys
      </button>
      <dialog ref={dialog} aria-label="Keys">
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  )
}
