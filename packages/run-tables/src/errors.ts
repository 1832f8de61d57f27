import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_QUERY_SQL: {
      message: 'The query cannot be answered: {why}',
      next: 'Queries are SELECTs in the SQL of DuckDB; `dda query --tables` lists tables and columns. Nothing else can be read or written.',
      exit: 'usage',
    },
    DDA_QUERY_TIME: {
      message: 'The query was given up after {seconds} s',
      next: 'Ask of fewer runs (`--run`), or give it more time (`--max-seconds`).',
    },
    DDA_QUERY_ENGINE: {
      message: 'No tables can be made here: {why}',
      next: 'Check that @duckdb/node-api is installed with its optional packages, and that the folder for temporary files can be written.',
    },
    DDA_QUERY_EXPORT: {
      message: 'The tables cannot be written to {folder}: {why}',
      next: 'Name a folder that can be written, on a disk with space.',
    },
  },
  { page: ERRORS_PAGE },
)
