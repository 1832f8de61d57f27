/** Settings of pip that uv has under another name, and what stands between the values of a list there. */
const SAME: Readonly<Record<string, readonly [variable: string, separator: string]>> = {
  'index-url': ['UV_DEFAULT_INDEX', ' '],
  'extra-index-url': ['UV_INDEX', ' '],
  'find-links': ['UV_FIND_LINKS', ','],
  'trusted-host': ['UV_INSECURE_HOST', ' '],
  cert: ['SSL_CERT_FILE', ' '],
  proxy: ['ALL_PROXY', ' '],
  timeout: ['UV_HTTP_TIMEOUT', ' '],
  'default-timeout': ['UV_HTTP_TIMEOUT', ' '],
}

/** Settings of pip that decide nothing about what is installed, or where it comes from. */
const BESIDE: ReadonlySet<string> = new Set([
  'cache-dir',
  'disable-pip-version-check',
  'no-cache-dir',
  'no-color',
  'no-input',
  'no-warn-script-location',
  'progress-bar',
  'quiet',
  'require-virtualenv',
  'retries',
  'root-user-action',
  'verbose',
])

/** Those of a later section hold against those of an earlier one, as in pip. */
const SECTIONS = ['global', 'install', ':env:']

/**
 * The environment in which uv takes packages from where pip would: uv reads nothing of pip's configuration. Undefined where pip has a setting that
 * uv has no name for.
 *
 * @param listing - What `pip config list` prints: `section.key='value'`, a line each
 */
export function uvSettings(listing: string): Readonly<Record<string, string>> | undefined {
  const lines = [...listing.matchAll(/^(.+?)\.([\w-]+)=(['"])(.*)\3\r?$/gm)]
  // pip would look for a package in all its indexes, uv in the first that has it. The hashes of the pins hold in either.
  const variables: Record<string, string> = { UV_INDEX_STRATEGY: 'unsafe-best-match' }
  for (const section of SECTIONS) {
    for (const [, of = '', key = '', , value = ''] of lines) {
      if (of !== section || BESIDE.has(key)) continue
      const same = SAME[key]
      // What Python had to escape, a line end between the values of a list apart, is left to pip.
      const values = value.split(/\\n|\s+/).filter((part) => part !== '')
      if (same === undefined || values.some((part) => part.includes('\\'))) return undefined
      variables[same[0]] = values.join(same[1])
    }
  }
  return variables
}
