import { shortFingerprint } from '../state/short-fingerprint.ts'

/** A fingerprint by its name; all that it covers is folded behind it. */
export function Fingerprint({ of }: { readonly of: string | undefined }) {
  if (of === undefined) return null
  const name = shortFingerprint(of)
  if (name === of) return <>{of}</>
  return (
    <details>
      <summary>{name}</summary>
      {of}
    </details>
  )
}
