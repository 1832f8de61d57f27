import { createHash } from 'node:crypto'
import { type DdaError, readWholeSync, withoutMark } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** Ends a plan; the only special piece that the policy may emit, and the first of every vocabulary. */
export const END = '<eos>'
export const END_ID = 0
/** Pieces that are only ever read: an unknown character, filling, and the start of a plan. Last in every vocabulary. */
export const READ_ONLY = ['<unk>', '<pad>', '<bos>'] as const
/** Marks a piece that continues a word letter by letter. */
export const CONTINUES = '##'

const FORMAT = 'dda-vocabulary/1'

/** The contents of a vocabulary file. */
export interface VocabularyFile {
  readonly format: typeof FORMAT
  /** Markup that is a single token wherever it occurs, for example `<plan>`. */
  readonly tags: readonly string[]
  /** In the order of their ids. Lower case; words, phrases of several words, punctuation, `##x`, tags, specials. */
  readonly pieces: readonly string[]
}

/** An ordered list of pieces: the index is the token id. */
export class Vocabulary {
  readonly pieces: readonly string[]
  readonly tags: readonly string[]
  /** Pieces that the policy may emit: ids below this. */
  readonly emittable: number
  readonly unknownId: number
  readonly padId: number
  readonly startId: number
  /** Words in the longest phrase. */
  readonly longestPhrase: number
  /** SHA-256 over pieces and tags; part of checkpoints, so that ids never change their meaning. */
  readonly hash: string
  private readonly ids: ReadonlyMap<string, number>

  constructor(file: Pick<VocabularyFile, 'pieces' | 'tags'>) {
    const { pieces, tags } = file
    this.pieces = pieces
    this.tags = tags
    this.ids = new Map(pieces.map((piece, id) => [piece, id]))
    this.emittable = pieces.length - READ_ONLY.length
    const tail = pieces.slice(this.emittable)
    if (this.ids.size !== pieces.length) throw invalid('a piece occurs twice')
    if (READ_ONLY.some((piece, i) => tail[i] !== piece)) throw invalid(`the last pieces must be ${READ_ONLY.join(' ')}`)
    if (pieces[END_ID] !== END) throw invalid(`the first piece must be ${END}`)
    for (const tag of tags) if (!this.ids.has(tag)) throw invalid(`the piece ${tag} is missing`)
    this.unknownId = this.emittable
    this.padId = this.emittable + 1
    this.startId = this.emittable + 2
    this.longestPhrase = pieces.reduce((longest, piece) => Math.max(longest, piece.split(' ').length), 1)
    this.hash = createHash('sha256')
      .update(JSON.stringify([tags, pieces]))
      .digest('hex')
  }

  get size(): number {
    return this.pieces.length
  }

  idOf(piece: string): number | undefined {
    return this.ids.get(piece)
  }

  toFile(): VocabularyFile {
    return { format: FORMAT, tags: this.tags, pieces: this.pieces }
  }
}

function strings(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((piece) => typeof piece === 'string')
}

/** @throws DdaError `DDA_VOCABULARY_INVALID` */
export function parseVocabulary(json: unknown): Vocabulary {
  const file = json as Partial<VocabularyFile> | null
  if (typeof file !== 'object' || file?.format !== FORMAT) throw invalid(`"format" is not "${FORMAT}"`)
  if (!strings(file.pieces) || !strings(file.tags)) throw invalid('"pieces" and "tags" must be lists of strings')
  return new Vocabulary({ pieces: file.pieces, tags: file.tags })
}

/** Reads a vocabulary file. @throws DdaError `DDA_VOCABULARY_MISSING`, `DDA_VOCABULARY_INVALID` */
export function readVocabulary(path: string): Vocabulary {
  let text: string
  try {
    text = readWholeSync(path).toString('utf8')
  } catch (cause) {
    if (cause instanceof RangeError)
      throw errors.make('DDA_VOCABULARY_INVALID/file', { path, why: cause.message }, { cause, location: path })
    throw errors.make('DDA_VOCABULARY_MISSING', { path }, { cause })
  }
  try {
    return parseVocabulary(JSON.parse(withoutMark(text)))
  } catch (cause) {
    throw errors.make('DDA_VOCABULARY_INVALID/file', { path, why: (cause as Error).message }, { cause, location: path })
  }
}

function invalid(problem: string): DdaError {
  return errors.make('DDA_VOCABULARY_INVALID/pieces', { problem })
}
