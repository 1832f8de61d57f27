import { besideThePage, ExportSource, insideThePage } from './export-source.ts'
import { HttpSource } from './http-source.ts'
import type { Source } from './source.ts'

/** The source that the page was made for. */
export function openSource(): Source {
  const { source } = document.documentElement.dataset
  if (source === 'folder') return new ExportSource(besideThePage)
  return source === 'file' ? new ExportSource(insideThePage) : new HttpSource()
}
