import { again, type Endpoint, EndpointError } from '@dda-thinker/endpoints'
import type { ImageInfo } from '@dda-thinker/pictures'
import type { ComfyApi } from './comfy-api.ts'

/** A source picture. */
export interface SourceFile extends ImageInfo {
  /** Of the bytes; its name on servers. */
  readonly hash: string
  readonly bytes: Uint8Array
}

/** Names remembered for each server. */
const REMEMBERED = 10_000

/** Brings pictures to servers, each picture to each server once as long as the server keeps it. */
export class Uploads {
  readonly #api: ComfyApi
  readonly #names: readonly Map<string, string>[]

  /** @param endpoints how many there are */
  constructor(api: ComfyApi, endpoints: number) {
    this.#api = api
    this.#names = Array.from({ length: endpoints }, () => new Map())
  }

  /** Names of the pictures on this server, uploaded where it has not got them. */
  async namesOf(endpoint: Endpoint, files: readonly SourceFile[], signal: AbortSignal): Promise<readonly string[]> {
    return Promise.all(files.map((file) => this.#nameOf(endpoint, file, signal)))
  }

  /**
   * A graph that a server refuses may mean that it was cleared of the pictures it had: with remembered names, that is
   * worth another attempt, which uploads them anew.
   */
  judge(error: unknown, endpoint: Endpoint, files: readonly SourceFile[]): unknown {
    const { code } = error as Partial<EndpointError>
    if (!(error instanceof EndpointError) || (code !== 'DDA_EDITOR_GRAPH' && code !== 'DDA_EDITOR_EXECUTION'))
      return error
    const names = this.#names[endpoint.index]
    const old = files.filter((file) => names?.get(file.hash) !== undefined && !this.#fresh.has(file))
    for (const file of old) names?.delete(file.hash)
    if (old.length === 0 || code === 'DDA_EDITOR_EXECUTION' || error.kind !== 'bad-input') return error
    return again(error, { transient: true })
  }

  /** Uploaded by their own edit: nothing is gained by doing that again. */
  readonly #fresh = new WeakSet<SourceFile>()

  async #nameOf(endpoint: Endpoint, file: SourceFile, signal: AbortSignal): Promise<string> {
    const names = this.#names[endpoint.index]
    const known = names?.get(file.hash)
    if (known !== undefined) return known
    const extension = file.mediaType.slice('image/'.length)
    const name = await this.#api.upload(endpoint, { ...file, name: `${file.hash}.${extension}` }, signal)
    this.#fresh.add(file)
    names?.set(file.hash, name)
    const [oldest] = names?.keys() ?? []
    if (names !== undefined && names.size > REMEMBERED && oldest !== undefined) names.delete(oldest)
    return name
  }
}
