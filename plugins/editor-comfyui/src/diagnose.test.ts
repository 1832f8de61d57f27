import { makeContext } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { startStandIn } from './stand-in-server.ts'
import { editorAt } from './workflow.fixture.ts'

test('a server lists its model files and versions; one that is gone has a code', async () => {
  const server = await startStandIn()
  const gone = await startStandIn()
  await gone.close()
  try {
    const reports = await editorAt([server.url, gone.url]).diagnose?.(makeContext())
    expect(reports).toMatchObject([
      { url: server.url, models: ['stripes.safetensors'], notes: [expect.stringContaining('comfyui_version=')] },
      { url: gone.url, error: { code: 'DDA_ENDPOINT_CONNECTION', next: expect.any(String) } },
    ])
  } finally {
    await server.close()
  }
})
