#!/usr/bin/env bash
# hyparquet 1.33.0 reading Parquet of @duckdb/node-api 1.5.6-r.1: the columns of data sets with pictures are structs of
# BLOB bytes and a path. By default hyparquet decodes a byte array as UTF-8 though the file does not call it text, so every byte
# over 127 of a picture becomes U+FFFD and is lost; `utf8: false` keeps the bytes, and text that the file calls text stays text.
# Numbers beside it go two ways as well: a BIGINT of 17 digits arrives exact as a bigint, a DECIMAL of 20 digits rounded.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund hyparquet@1.33.0 hyparquet-compressors@1.1.2 @duckdb/node-api@1.5.6-r.1
cat >see.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const connection = await (await DuckDBInstance.create()).connect()
await connection.run(`copy (select
  {'bytes': '\\x89PNG'::blob, 'path': 'a.png'} as image,
  12345678901234567::bigint as big, 12345678901234567890::decimal(38, 0) as exact) to 'set.parquet'`)
for (const options of [{}, { utf8: false }]) {
  const file = await asyncBufferFromFile('set.parquet')
  const [{ image, big, exact }] = await parquetReadObjects({ file, compressors, ...options })
  const bytes = typeof image.bytes === 'string' ? JSON.stringify(image.bytes) : Buffer.from(image.bytes).toString('hex')
  console.log(`${JSON.stringify(options)}: bytes ${bytes}, path ${image.path}, ${typeof big} ${big}, ${typeof exact} ${exact}`)
}
JS
node see.mjs | tee seen
diff seen - <<'SEEN'
{}: bytes "�PNG", path a.png, bigint 12345678901234567, number 12345678901234567000
{"utf8":false}: bytes 89504e47, path a.png, bigint 12345678901234567, number 12345678901234567000
SEEN
