import { readdir } from 'node:fs/promises'
import { basename, extname, join, relative, sep } from 'node:path'
import { isDdaError, type ImageRef, readWhole, type SynthesisContext } from '@dda-thinker/plugin-api'
import { badFile } from './bad-input.ts'
import type { Facts } from './describe.ts'
import { looksLike, pictureHash, type PictureHash } from './picture-hash.ts'
import { Dropped, TASK_REASONS } from './reasons.ts'
import type { Kind } from './taxonomy.ts'

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp'])

/** One source picture, stored. */
export interface SourcePicture {
  /** Its path under the folder, with slashes; of a drawn one, its name. */
  readonly name: string
  readonly image: ImageRef
  /** How it was made, where it was. */
  readonly facts: Facts
}

/** A picture that there will be. */
export interface PictureSource {
  readonly name: string
  /** What it was made for, and is asked about first. */
  readonly kind?: Kind
  /** Makes this and others of the same origin ready, side by side; to be called before `take`. Never fails. */
  readonly prepare?: (names: ReadonlySet<string>) => Promise<void>
  /** Stores it, if it may be used. @throws Dropped */
  readonly take: (guard: PictureGuard) => Promise<SourcePicture>
}

/** Pictures of folders, in natural order, without hidden ones. @throws DdaError `DDA_SYNTHESIS_PICTURES` */
export async function pictureFiles(folders: readonly string[]): Promise<readonly PictureSource[]> {
  const order = new Intl.Collator('en', { numeric: true })
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
        throw badFile('pictures', folder, 'the folder cannot be read', cause)
      })
      const names = entries
        .filter(
          (path) => PICTURES.has(extname(path).toLowerCase()) && !path.split(sep).some((part) => part.startsWith('.')),
        )
        .map((path) => relative('.', path).split(sep).join('/'))
        .toSorted((a, b) => order.compare(a, b) || (a < b ? -1 : 1))
      if (names.length === 0) throw badFile('pictures', folder, 'it holds no pictures')
      // Of several folders the name alone would not tell them apart.
      return names.map((path): PictureSource => {
        const name = folders.length === 1 ? path : `${basename(folder)}/${path}`
        return { name, take: (guard) => guard.take(name, join(folder, path)) }
      })
    }),
  )
  return lists.flat()
}

/** Pictures that were seen, and those that must not be in the data. */
export class PictureGuard {
  readonly #context: SynthesisContext
  readonly #distance: number
  readonly #contaminated: PictureIndex
  readonly #seen: PictureIndex
  readonly #maxBytes: number
  #told = false

  constructor(
    context: SynthesisContext,
    given: { readonly distance: number; readonly contaminated: PictureIndex; readonly maxBytes: number },
  ) {
    this.#context = context
    this.#distance = given.distance
    this.#contaminated = given.contaminated
    this.#maxBytes = given.maxBytes
    this.#seen = new PictureIndex()
  }

  /** Stores a picture that may be used. @throws Dropped */
  async take(name: string, file: string): Promise<SourcePicture> {
    const bytes = await readWhole(file, this.#maxBytes).catch((error: unknown) => {
      throw new Dropped(TASK_REASONS.pictureUnusable, (error as Error).message)
    })
    return this.admit(name, await this.#put(bytes), {})
  }

  /** The same of a picture that is stored. @throws Dropped */
  async admit(name: string, image: ImageRef, facts: Facts): Promise<SourcePicture> {
    const hash = await pictureHash(await this.#context.images.get(image)).catch((error: unknown) => {
      throw new Dropped(TASK_REASONS.pictureUnusable, (error as Error).message)
    })
    if (hash === undefined && !this.#told) {
      this.#told = true
      this.#context.log.warn('sharp is not installed: pictures are compared by their bytes alone')
    }
    const known = this.#contaminated.find(image.hash, hash, this.#distance)
    if (known !== undefined) throw new Dropped(TASK_REASONS.pictureContaminated, known)
    const earlier = this.#seen.find(image.hash, hash, this.#distance)
    if (earlier !== undefined) throw new Dropped(TASK_REASONS.pictureRepeated, earlier)
    this.#seen.add(name, image.hash, hash)
    return { name, image, facts }
  }

  async #put(bytes: Uint8Array): Promise<ImageRef> {
    try {
      return await this.#context.images.put(bytes)
    } catch (error) {
      if (isDdaError(error) && error.code.startsWith('DDA_IMAGE')) {
        throw new Dropped(TASK_REASONS.pictureUnusable, error.message)
      }
      throw error
    }
  }
}

/** Pictures by content and by look. */
export class PictureIndex {
  readonly #exact = new Map<string, string>()
  readonly #looks: { readonly name: string; readonly hash: PictureHash }[] = []

  get size(): number {
    return this.#exact.size
  }

  add(name: string, content: string, hash: PictureHash | undefined): void {
    this.#exact.set(content, name)
    if (hash !== undefined) this.#looks.push({ name, hash })
  }

  /** The name of a picture that is the same, or looks the same. */
  find(content: string, hash: PictureHash | undefined, distance: number): string | undefined {
    const same = this.#exact.get(content)
    if (same !== undefined || hash === undefined) return same
    return this.#looks.find((other) => looksLike(hash, other.hash, distance))?.name
  }
}
