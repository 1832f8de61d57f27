import { readdirSync, readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'

test('a missing onnxruntime-node is a coded error with the way to install it', async () => {
  vi.doMock('onnxruntime-node', () => {
    throw new Error("Cannot find package 'onnxruntime-node'")
  })
  const { OnnxSession } = await import('./session.ts')
  await expect(OnnxSession.create(new Uint8Array(1))).rejects.toMatchObject({
    code: 'DDA_ORT_MISSING',
    next: expect.stringContaining('npm install onnxruntime-node'),
  })
})

test('one file alone names onnxruntime-node as a module', () => {
  const root = new URL('../', import.meta.url)
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const naming = sources.filter((file) => /'onnxruntime-(node|common)'/.test(readFileSync(new URL(file, root), 'utf8')))
  expect(naming.map((file) => file.replaceAll('\\', '/'))).toEqual(['onnx/runtime.ts'])
})
