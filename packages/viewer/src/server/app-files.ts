import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errors } from '../errors.ts'

/** Folder of the page as it is built, of the sources as of what is compiled from them. */
const BUILT = fileURLToPath(new URL('../../dist/app/', import.meta.url))

/** The page: its markup, its code and its looks. */
export interface AppFiles {
  readonly html: string
  readonly code: string
  readonly style: string
}

/** @param folder where it was built. Default: in this package @throws DdaError `DDA_VIEW_APP` */
export async function readApp(folder: string = BUILT): Promise<AppFiles> {
  try {
    const [html, code, style] = await Promise.all(
      ['index.html', 'app.js', 'app.css'].map((name) => readFile(join(folder, name), 'utf8')),
    )
    return { html: html ?? '', code: code ?? '', style: style ?? '' }
  } catch (cause) {
    throw errors.make('DDA_VIEW_APP', { folder }, { cause, location: folder })
  }
}
