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
