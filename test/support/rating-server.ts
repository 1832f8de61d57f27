import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A question as it arrived at the server. */
export interface Rated {
  readonly text: string
  /** Encoded, in the order of the request. */
  readonly pictures: readonly Buffer[]
}

export interface RatingServer {
  readonly url: string
  readonly rated: Rated[]
  close(): Promise<void>
}

export type RatingAnswer = (question: Rated, count: number) => string | number | Promise<string | number>

/** The same answers, from the question of that number on held back until they are let go: for what happens in between. */
export function heldFrom(first: number, answer: RatingAnswer) {
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => void (letGo = resolve))
  let reach: () => void = () => undefined
  const reached = new Promise<void>((resolve) => void (reach = resolve))
  const holding: RatingAnswer = async (question, count) => {
    if (count >= first) {
      reach()
      await held
    }
    return answer(question, count)
  }
  return { answer: holding, reached, letGo }
}

/** A chat server with pictures that answers in words, or with a status where it is given a number. */
export async function startRatingServer(model: string, answer: RatingAnswer): Promise<RatingServer> {
  const rated: Rated[] = []
  const server = createServer((request, response) => {
    const json = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url?.endsWith('/models') === true) {
      json(200, { object: 'list', data: [{ id: model, object: 'model' }] })
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
          messages: { content: ({ type: string; text?: string; image_url?: { url: string } } | string)[] }[]
        }
        const parts = body.messages.flatMap(({ content }) => content)
        const question: Rated = {
          text: parts.map((part) => (typeof part === 'string' ? part : (part.text ?? ''))).join('\n'),
          pictures: parts.flatMap((part) => {
            const url = typeof part === 'string' ? undefined : part.image_url?.url
            return url === undefined ? [] : [Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')]
          }),
        }
        rated.push(question)
        const said = await answer(question, rated.length)
        if (typeof said === 'number') return json(said, { error: { message: 'not now' } })
        const message = { role: 'assistant', content: said }
        const usage = { prompt_tokens: 10, completion_tokens: 5 }
        return json(200, { choices: [{ index: 0, message, finish_reason: 'stop' }], usage })
      })()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    rated,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
