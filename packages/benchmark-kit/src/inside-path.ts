import { DdaError } from '@dda-thinker/plugin-api'

/**
 * A path of data from outside, with `/`, that cannot leave its folder.
 *
 * @throws DdaError with the given code
 */
export function insidePath(path: string, code: `DDA_${string}`, where: string): string {
  const parts = path.replaceAll('\\', '/').split('/')
  if (path.includes('\0') || parts.includes('..') || parts[0] === '' || /^[a-z]:$/i.test(parts[0] ?? '')) {
    throw new DdaError(code, `${where}: the path ${JSON.stringify(path)} leaves the folder of the data`)
  }
  return parts.filter((part) => part !== '.').join('/')
}

/** Can it be the name of a file, in one folder and on every system? */
export function isFileName(name: string): boolean {
  return /^[\p{L}\p{N}_+ ()#,.-]+$/u.test(name) && !/^\.+$/.test(name)
}
