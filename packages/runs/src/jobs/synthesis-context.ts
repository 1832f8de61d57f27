import type { SetAside, SynthesisContext } from '@dda-thinker/plugin-api'
import { type Assembly, Ledger, type OpenContext } from '@dda-thinker/core'
import { Tally } from '@dda-thinker/evaluation'
import { type ContentStore, ResultCache } from '@dda-thinker/store'
import { createLinesFile } from '../data/line-files.ts'
import type { Workspace } from '../data/workspace.ts'
import { openBooks } from './open-books.ts'
import { roleContext, type Signals } from './role-context.ts'

/** What synthesizers work with, the books of what they spend, and the record of what they set aside. */
export interface SynthesisBooks {
  readonly context: SynthesisContext & OpenContext & { readonly images: ContentStore }
  /** What was set aside so far, by reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** Puts the record in the place of an older one. */
  commit(): Promise<void>
  /** Leaves the older record; to be called without harm after {@link commit}. */
  close(): Promise<void>
}

/**
 * @param file where the record goes
 * @throws DdaError where it cannot be written
 */
export async function openSynthesis(
  assembly: Assembly,
  workspace: Workspace,
  signals: Signals,
  file: string,
): Promise<SynthesisBooks> {
  const { money } = assembly.config.budget
  const ledger = new Ledger(money === undefined ? {} : { money })
  const aside = await createLinesFile(file)
  const reasons = new Tally()
  let committed = false
  // Only where something is spent: data that cost nothing has no books.
  let opening: Promise<void> | undefined
  const opened = (): Promise<void> =>
    (opening ??= openBooks(ledger, workspace.paths.spending, { warn: (message) => assembly.log.warn(message) }))
  const close = async (): Promise<void> => {
    await ledger.close()
    if (!committed) await aside.discard()
  }
  const setAside = async (row: SetAside): Promise<void> => {
    reasons.add(row.reason)
    await aside.write(row)
  }
  const once = async <T>(key: unknown, make: () => Promise<T>): Promise<T> => {
    const { value } = await workspace.cache.resolve(ResultCache.key(['once', 1, key]), async () => {
      await opened()
      ledger.reserve('synthesize')
      return make()
    })
    return value
  }
  return {
    context: { ...roleContext(assembly, workspace, signals, ledger), setAside, once },
    get reasons() {
      return reasons.toRecord()
    },
    commit: async () => {
      await aside.commit()
      committed = true
    },
    close,
  }
}
