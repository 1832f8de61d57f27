import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { readHeader } from '@dda-thinker/pictures'
import { startStandIn } from './stand-in-server.ts'

test.each(['png', 'jpeg', 'webp'] as const)('answers a source in %s by a picture of its size', async (format) => {
  const server = await startStandIn()
  onTestFinished(() => server.close())
  const source = await sharp({ create: { width: 40, height: 24, channels: 3, background: 'teal' } })
    .toFormat(format)
    .toBuffer()
  const answer = await fetch(`${server.url}/edit`, {
    method: 'POST',
    body: JSON.stringify({ image: source.toString('base64'), prompt: 'Make it red.' }),
  })
  const { edited_image } = (await answer.json()) as { readonly edited_image: string }
  expect(readHeader(Buffer.from(edited_image, 'base64'))).toMatchObject({ width: 40, height: 24 })
})
