/** A page that asks the network for nothing must not look as if it did: addresses without their scheme. */
export function withoutSchemes(text: string): string {
  return text.replaceAll(/\bhttps?:\/\//g, '')
}
