import { useEffect, useState } from 'preact/hooks'

interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly maxLength: number
  /** Told when somebody is done with it: by Enter, or elsewhere. */
  readonly commit: (value: string) => void
}

/** A line to be written in, which keeps what is being written while the page around it changes. */
export function TextField({ label, value, maxLength, commit }: TextFieldProps) {
  const [draft, setDraft] = useState(value)
  useEffect(() => setDraft(value), [value])
  const done = () => {
    if (draft.trim() !== value) commit(draft.trim())
  }
  return (
    <label>
      {label}
      <input
        type="text"
        value={draft}
        maxLength={maxLength}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.currentTarget.blur()
          event.stopPropagation()
        }}
      />
    </label>
  )
}
