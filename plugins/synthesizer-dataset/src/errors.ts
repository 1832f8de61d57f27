import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_DATASET_COLUMNS/unknown': {
      message: '{problem} in {file}; it has {names}',
      next: 'Correct `columns`; `a.b` is a field inside a column.',
    },
    'DDA_DATASET_COLUMNS/which': {
      message: '{problem} in {file}; it has {names}',
      next: 'Say which one it is, for example `columns: { {option}: {first} }`.',
    },
  },
  { page: ERRORS_PAGE },
)
