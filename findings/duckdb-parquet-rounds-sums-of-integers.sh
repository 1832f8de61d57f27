#!/usr/bin/env bash
# @duckdb/node-api 1.5.6-r.1: sum() of an integer column is a HUGEINT, exact in the query. COPY ... TO a Parquet file writes
# that type as DOUBLE without a word, so a sum over 2^53 (token counts, bytes, nanoseconds of many rollouts) comes back rounded
# and as another type. A cast to DECIMAL(38,0) or BIGINT before COPY keeps it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @duckdb/node-api@1.5.6-r.1
cat >see.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'

const connection = await (await DuckDBInstance.create()).connect()
const show = async (name, from) => {
  const reader = await connection.runAndReadAll(`select typeof(total), total::varchar from ${from}`)
  console.log(`${name}: ${reader.getRowsJson()[0].join(' ')}`)
}
const sums = `(select sum(n) as total from (values (9007199254740992), (1)) as t(n))`
await show('query', sums)
await connection.run(`copy ${sums} to 'sum.parquet'`)
await show('Parquet', `'sum.parquet'`)
await connection.run(`copy (select total::decimal(38, 0) as total from ${sums}) to 'cast.parquet'`)
await show('Parquet, cast before', `'cast.parquet'`)
JS
node see.mjs | tee seen
diff seen - <<'SEEN'
query: HUGEINT 9007199254740993
Parquet: DOUBLE 9007199254740992.0
Parquet, cast before: DECIMAL(38,0) 9007199254740993
SEEN
