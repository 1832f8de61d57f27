import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parquetMetadata } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, expect, test } from 'vitest'
import { isBroken, openRows, createParquetFile, type BrokenRow, type Row } from './index.ts'

const folder = await mkdtemp(join(tmpdir(), 'data-files-'))
afterAll(() => rm(folder, { recursive: true }))

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  return path
}

async function rowsOf(...paths: readonly string[]): Promise<(Row | BrokenRow)[]> {
  const rows: (Row | BrokenRow)[] = []
  for await (const row of openRows(paths)) rows.push(row)
  return rows
}

const brief = (rows: readonly (Row | BrokenRow)[]) =>
  rows.map((row) => (isBroken(row) ? [row.number, row.problem.split(':')[0]] : [row.number, row.value]))

test('JSON lines: a broken one is told by its number and the rest goes on; separators inside strings end no line', async () => {
  const file = await put('a.jsonl', '\uFEFF{"a":"one\u2028two"}\r\n\n{"a":\n[1]\n"x"\n{"a":"\\u00e4 ü"}')
  expect(brief(await rowsOf(file))).toEqual([
    [1, { a: 'one\u2028two' }],
    [2, 'it is not JSON'],
    [3, 'it is a list, not a JSON object'],
    [4, 'it is string, not a JSON object'],
    [5, { a: 'ä ü' }],
  ])
})

test('a character that a chunk of the file cuts in two stays whole', async () => {
  const text = `${'x'.repeat(256 * 1024 - 9)}ü🍎`
  const file = await put('chunks.jsonl', `{"a":"${text}"}\n`)
  const [row] = await rowsOf(file)
  expect((row as Row).value['a']).toBe(text)
})

test('JSON: a list, records by key, and a list under a name', async () => {
  const list = await put('list.json', '[{"a":1},2,{"a":{"b":[1,{"c":2}]}}]')
  expect(brief(await rowsOf(list))).toEqual([
    [1, { a: 1 }],
    [2, 'it is number, not a JSON object'],
    [3, { a: { b: [1, { c: 2 }] } }],
  ])
  const keyed = await rowsOf(await put('keyed.json', '{"7":{"a":1},"x":{"a":2}}'))
  expect(keyed.map((row) => (row as Row).key)).toEqual(['7', 'x'])
  expect(brief(await rowsOf(await put('named.json', '{"version":1,"data":[{"a":1},{"a":2}]}')))).toEqual([
    [1, { a: 1 }],
    [2, { a: 2 }],
  ])
})

test.each(['[{"a":1},{"a"', '[{"a":1}', '[{"a":1} {"a":2}]', ''])(
  'JSON that breaks off or is none: %j',
  async (text) => {
    const file = await put('broken.json', text)
    await expect(rowsOf(file)).rejects.toMatchObject({ code: 'DDA_DATASET_FILE', location: file })
  },
)

test('CSV with quotes, line breaks in fields and records of the wrong length; TSV by its name', async () => {
  const file = await put(
    'a.csv',
    '\uFEFFimage,instruction\r\na.png,"rot ""it"", then\nwait"\r\nb.png\r\nc.png,go,far\nd.png,grow\n\ne.png,"a"b\n',
  )
  expect(brief(await rowsOf(file))).toEqual([
    [1, { image: 'a.png', instruction: 'rot "it", then\nwait' }],
    [2, 'it has 1 fields, and the header 2'],
    [3, 'it has 3 fields, and the header 2'],
    [4, { image: 'd.png', instruction: 'grow' }],
    [5, 'Invalid Closing Quote'],
    [6, 'Quote Not Closed'],
  ])
  expect(brief(await rowsOf(await put('a.tsv', 'a\tb\n1,2\t3\n')))).toEqual([[1, { a: '1,2', b: '3' }]])
})

const PNG = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 255, 254, 128])

test('Parquet: bytes stay bytes, integers are numbers, class labels their names, rows are counted over groups', async () => {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'image', data: [PNG, PNG, PNG], type: 'BYTE_ARRAY' },
      { name: 'label', data: [1n, 0n, 1n], type: 'INT64' },
      { name: 'text', data: ['a', 'b', 'ü'], type: 'STRING' },
    ],
    rowGroupSize: 2,
    kvMetadata: [
      {
        key: 'huggingface',
        value: JSON.stringify({ info: { features: { label: { _type: 'ClassLabel', names: ['no', 'yes'] } } } }),
      },
    ],
  })
  const rows = await rowsOf(await put('a.parquet', new Uint8Array(bytes)))
  expect(brief(rows)).toEqual([
    [1, { image: PNG, label: 'yes', text: 'a' }],
    [2, { image: PNG, label: 'no', text: 'b' }],
    [3, { image: PNG, label: 'yes', text: 'ü' }],
  ])
})

test('a file that is no Parquet, cut Parquet, and a type that nobody reads end in a code', async () => {
  const whole = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data: ['x'.repeat(99)] }] }))
  for (const content of [new Uint8Array(0), new Uint8Array(64), whole.slice(0, -9)]) {
    await expect(rowsOf(await put('bad.parquet', content))).rejects.toMatchObject({ code: 'DDA_DATASET_FILE' })
  }
  await expect(rowsOf(await put('a.xlsx', 'x'))).rejects.toMatchObject({ code: 'DDA_DATASET_TYPE' })
  await expect(rowsOf(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'DDA_DATASET_MISSING' })
})

test('a folder of pictures with instructions beside them', async () => {
  await put('pairs/train/b10.png', PNG)
  await put('pairs/train/b10.txt', 'Rot it.\n')
  await put('pairs/train/b9.jpg', PNG)
  await put('pairs/train/b9.json', '{"instruction":"Grow it.","category":"temporal"}')
  await put('pairs/test/c.png', PNG)
  await put('pairs/test/c.json', '[')
  await put('pairs/train/alone.png', PNG)
  const rows = await rowsOf(join(folder, 'pairs'))
  expect(rows.map((row) => (isBroken(row) ? row.problem : [row.key, row.split, row.value]))).toEqual([
    'it is not a JSON object',
    ['train/b9', 'train', { image: 'b9.jpg', instruction: 'Grow it.', category: 'temporal' }],
    ['train/b10', 'train', { image: 'b10.png', instruction: 'Rot it.' }],
  ])
})

test('of pictures with mere instructions, one without is a row without', async () => {
  await put('mere/a.txt', 'Rot it.')
  await put('mere/a.png', PNG)
  await put('mere/deep/b.png', PNG)
  const rows = (await rowsOf(join(folder, 'mere'))) as Row[]
  expect(rows.map(({ file, key, value }) => [basename(file), key, value['instruction']])).toEqual([
    ['a.txt', 'a', 'Rot it.'],
    ['b.png', undefined, ''],
  ])
})

test('the imagefolder layout and data files by split, as `datasets` has them', async () => {
  await put('imagefolder/train/metadata.csv', 'file_name,instruction\na.png,Rot it.\n')
  await put('imagefolder/train/a.png', PNG)
  await put('imagefolder/README.md', '# x')
  const [row] = await rowsOf(join(folder, 'imagefolder'))
  expect(row).toMatchObject({ split: 'train', value: { file_name: 'a.png', instruction: 'Rot it.' } })
  await put('hub/data/train-00000-of-00002.jsonl', '{"a":1}\n')
  await put('hub/data/train-00001-of-00002.jsonl', '{"a":2}\n')
  await put('hub/data/validation-00000-of-00001.jsonl', '{"a":3}\n')
  await put('hub/dataset_infos.json', '{"default":{"a":1}}')
  await put('hub/.cache/x.jsonl', '{"a":9}\n')
  const rows = (await rowsOf(join(folder, 'hub'))) as Row[]
  expect(rows.map(({ file, split, value }) => [basename(file).slice(0, 12), split, value['a']])).toEqual([
    ['train-00000-', 'train', 1],
    ['train-00001-', 'train', 2],
    ['validation-0', 'validation', 3],
  ])
})

test.each([
  ['arrow/data-00000-of-00001.arrow', /to_parquet/],
  ['bare/a.png', /NAME.txt/],
  ['other/notes.md', /JSON lines/],
])('a folder with only %s says what to do', async (name, next) => {
  await put(name, 'x')
  await expect(rowsOf(join(folder, name, '..'))).rejects.toMatchObject({
    code: 'DDA_DATASET_FOLDER',
    next: expect.stringMatching(next) as string,
  })
})

test('what is written as Parquet is read again, and says in the words of `datasets` what its columns are', async () => {
  const path = join(folder, 'out.parquet')
  const file = await createParquetFile(path, [
    { name: 'id', type: 'text' },
    { name: 'image', type: 'picture' },
    { name: 'more', type: 'pictures' },
    { name: 'weight', type: 'number' },
  ])
  const picture = { bytes: PNG, path: 'a.png' }
  for (let index = 0; index < 600; index += 1) {
    await file.write(
      index % 2 === 0
        ? { id: `s${index}`, image: picture, more: [picture, { bytes: new Uint8Array([index % 256]), path: 'b.png' }] }
        : { id: `s${index}`, image: picture, more: [], weight: index / 3 },
    )
  }
  expect(await file.commit()).toBe(600)
  const rows = (await rowsOf(path)) as Row[]
  expect(rows).toHaveLength(600)
  expect(rows[2]?.value).toEqual({
    id: 's2',
    image: picture,
    more: [picture, { bytes: new Uint8Array([2]), path: 'b.png' }],
    weight: null,
  })
  expect(rows[599]?.value).toEqual({ id: 's599', image: picture, more: [], weight: 599 / 3 })
  const { key_value_metadata: facts } = parquetMetadata(new Uint8Array(await readFile(path)).buffer)
  expect(JSON.parse(facts?.find(({ key }) => key === 'huggingface')?.value ?? '')).toMatchObject({
    info: { features: { image: { _type: 'Image' }, more: { _type: 'List', feature: { _type: 'Image' } } } },
  })
})

test('records and lists of them are structs, as chats are kept', async () => {
  const path = join(folder, 'chats.parquet')
  const message = { role: 'text', content: 'text' } as const
  const file = await createParquetFile(path, [
    { name: 'prompt', type: 'records', fields: message },
    { name: 'extra', type: 'record', fields: { index: 'integer', split: 'text' } },
  ])
  const rows = [
    {
      prompt: [
        { role: 'system', content: 'plan' },
        { role: 'user', content: '<image>über' },
      ],
      extra: { index: 0, split: 'train' },
    },
    { prompt: [], extra: { index: 7, split: 'held-out' } },
    {},
  ]
  for (const row of rows) await file.write(row)
  await file.commit()
  expect(((await rowsOf(path)) as Row[]).map(({ value }) => value)).toEqual([
    rows[0],
    rows[1],
    { prompt: null, extra: null },
  ])
  const { key_value_metadata: facts } = parquetMetadata(new Uint8Array(await readFile(path)).buffer)
  expect(JSON.parse(facts?.find(({ key }) => key === 'huggingface')?.value ?? '')).toMatchObject({
    info: {
      features: {
        prompt: { _type: 'List', feature: { role: { dtype: 'string' } } },
        extra: { index: { dtype: 'int32' }, split: { dtype: 'string' } },
      },
    },
  })
})

test('an unfinished Parquet file leaves the older one', async () => {
  const path = await put('kept.parquet', 'older')
  const file = await createParquetFile(path, [{ name: 'id', type: 'text' }])
  await file.write({ id: 'a' })
  await file.discard()
  expect(await readFile(path, 'utf8')).toBe('older')
  await expect(createParquetFile(join(folder, 'none', 'a.parquet'), [])).rejects.toMatchObject({
    code: 'DDA_DATASET_WRITE',
  })
})
