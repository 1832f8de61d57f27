import pico from 'picocolors'
import { ESCAPE, shown } from './shown-text.ts'

export type Colors = ReturnType<typeof pico.createColors>

/** Functions that colour text, or leave it as it is. */
export function makeColors(enabled: boolean): Colors {
  const colors = pico.createColors(enabled)
  if (!enabled) return colors
  const marked = Object.entries(colors).map(([name, paint]) => [
    name,
    typeof paint === 'function' ? (text: string) => paint(shown(text)).replaceAll('\u001B', ESCAPE) : paint,
  ])
  return Object.fromEntries(marked) as Colors
}
