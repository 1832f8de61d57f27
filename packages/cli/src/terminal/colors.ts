import pico from 'picocolors'

export type Colors = ReturnType<typeof pico.createColors>

/** Functions that colour text, or leave it as it is. */
export function makeColors(enabled: boolean): Colors {
  return pico.createColors(enabled)
}
