interface ColumnHeadsProps {
  /** Of the columns, each another. */
  readonly titles: readonly string[]
}

/** The head of a table. */
export function ColumnHeads({ titles }: ColumnHeadsProps) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  )
}
