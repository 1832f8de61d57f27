import { randomBytes } from 'node:crypto'

/**
 * Stands for the escape character in what the command line itself says to the terminal, until {@link shown}. Random, so that no data
 * can hold it.
 */
export const ESCAPE = `\uE0DD${randomBytes(8).toString('hex')}\uE0DD`

/** Controls of terminals but tab and newline, and what turns the direction of writing around. */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\0-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g

/** A text with the controls in it made visible: samples, models and servers write no terminal. */
export function shown(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(CONTROLS, (control) => {
    const code = control.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\uFFFD'
  })
}

/** {@link shown}, for a terminal: with what the command line itself says to it. */
export function forTerminal(text: string): string {
  return shown(text).replaceAll(ESCAPE, '\u001B')
}

/** JSON for a terminal or a script: its values as they are, no control in its text. */
export function jsonForTerminal(json: string): string {
  return json.replaceAll(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
