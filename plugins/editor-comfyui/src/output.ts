import { callErrors } from './errors.ts'
import { object } from './failure.ts'

/** A picture on the server, as `/view` takes it. */
export interface ServerFile {
  readonly filename: string
  readonly subfolder: string
  readonly type: string
}

/**
 * The one picture that a job made. Saved pictures (`output`) go before previews (`temp`).
 * @param outputs of a history entry: `{ nodeId: { images: [{ filename, subfolder, type }] } }`
 * @param node the node to take it from; without one, it must be the only picture
 * @throws DdaError `DDA_EDITOR_EMPTY` without a picture, `DDA_EDITOR_OUTPUT` where it is not clear which one is meant
 */
export function outputOf(outputs: unknown, node: string | undefined): ServerFile {
  const all = Object.entries(object(outputs)).flatMap(([id, output]) => {
    const { images } = object(output)
    return (Array.isArray(images) ? images : []).flatMap((image) => {
      const { filename, subfolder = '', type = 'output' } = object(image)
      if (typeof filename !== 'string' || typeof subfolder !== 'string' || typeof type !== 'string') return []
      return [{ id, filename, subfolder, type }]
    })
  })
  const wanted = node === undefined ? all : all.filter(({ id }) => id === node)
  const saved = wanted.filter(({ type }) => type === 'output')
  const [first, ...others] = saved.length > 0 ? saved : wanted
  if (first === undefined) {
    throw callErrors.make(
      'DDA_EDITOR_EMPTY/no-picture',
      { where: node === undefined ? '' : ` at node ${node}` },
      { kind: 'bad-output', transient: true },
    )
  }
  if (others.length > 0) {
    const ids = [...new Set([first, ...others].map(({ id }) => id))].join(', ')
    throw callErrors.make(
      'DDA_EDITOR_OUTPUT',
      { count: others.length + 1, ids },
      { kind: 'bad-output', transient: false },
    )
  }
  return { filename: first.filename, subfolder: first.subfolder, type: first.type }
}
