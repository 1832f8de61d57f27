import { errors } from './errors.ts'

/**
 * A path of data from outside, with `/`, that cannot leave its folder.
 *
 * @throws DdaError `DDA_BENCHMARK_DATA`
 */
export function insidePath(path: string, where: string): string {
  const parts = path.replaceAll('\\', '/').split('/')
  if (path.includes('\0') || parts.includes('..') || parts[0] === '' || /^[a-z]:$/i.test(parts[0] ?? '')) {
    throw errors.make('DDA_BENCHMARK_DATA/outside', { where, path: JSON.stringify(path) })
  }
  return parts.filter((part) => part !== '.').join('/')
}

/** Can it be the name of a file, in one folder and on every system? */
export function isFileName(name: string): boolean {
  return /^[\p{L}\p{N}_+ ()#,.-]+$/u.test(name) && !/^\.+$/.test(name)
}
