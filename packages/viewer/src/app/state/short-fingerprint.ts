/** What people call what a fingerprint is of: its name and its model, without the settings that plugins write behind it as JSON. */
export function shortFingerprint(fingerprint: string): string {
  const start = fingerprint.indexOf(' {')
  if (start === -1) return fingerprint
  const model = /"model":"((?:[^"\\]|\\.)+)"/.exec(fingerprint)?.[1]
  return [fingerprint.slice(0, start), ...(model === undefined ? [] : [model])].join(' ')
}
