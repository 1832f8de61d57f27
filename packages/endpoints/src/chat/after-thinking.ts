/**
 * What a model that thinks aloud wrote after its thinking.
 * @param marker ends the thinking, for example `</think>`; the last one counts. Where it is absent or not there, the whole text is the answer.
 */
export function afterThinking(text: string, marker: string | undefined): string {
  const start = marker === undefined ? -1 : text.lastIndexOf(marker)
  return start < 0 ? text : text.slice(start + (marker ?? '').length)
}
