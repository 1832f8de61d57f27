/** What the ideal result is said to be, folded; nothing where that is not told. */
export function ReferenceInWords({ reference }: { readonly reference: string | undefined }) {
  if (reference === undefined) return null
  return (
    <details>
      <summary>Reference in words</summary>
      <p>{reference}</p>
    </details>
  )
}
