import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A folder that the processes of one run of the tests share, made by the first that asks; the others wait for it. It goes with
 * the temporary folder of the run (own-temporary-folder.ts), and is to be copied, not changed.
 *
 * @param make gives a folder in the temporary folder of the run, which becomes the shared one
 */
export async function onceARun(name: string, make: () => Promise<string>): Promise<string> {
  const place = process.env['DDA_TEST_TEMPORARY']
  if (place === undefined) throw new Error('test/support/own-temporary-folder.ts has not given the tests their folder')
  const [folder, failed] = [join(place, name), join(place, `${name}.failed`)]
  if (isFirst(join(place, `${name}.begun`))) {
    try {
      renameSync(await make(), folder)
    } catch (error) {
      writeFileSync(failed, String(error))
      throw error
    }
  }
  while (!existsSync(folder)) {
    if (existsSync(failed)) throw new Error(`${name} could not be made: ${readFileSync(failed, 'utf8')}`)
    await sleep(20)
  }
  return folder
}

function isFirst(mark: string): boolean {
  try {
    mkdirSync(mark)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
