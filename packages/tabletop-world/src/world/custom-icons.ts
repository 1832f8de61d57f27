/**
 * What the emoji set lacks, drawn in its flat style: bodies of SVGs with a 32 × 32 view box. They are mostly what other
 * things turn into: water where ice stood, pieces of a vase, the ash of a letter.
 */
export const CUSTOM_ICONS = {
  'custom:puddle': `
    <path fill="#0f9bf0" d="M3 20c0-4 4-5 7-6 3-1 3-4 7-4 5 0 5 3 8 4 3 1 5 3 5 6 0 5-7 7-14 7S3 25 3 20Z"/>
    <path fill="#47c0ff" d="M6 19.500c0-3 4-3.500 6-4.500 2-1 3-3 6-3 3.500 0 4 2.500 6 3.500s4 1.500 4 4c0 3.500-6 4.500-11 4.500S6 23 6 19.500Z"/>
    <path fill="#d3f1ff" d="M10 18.500c1-2 4-1.500 6-3 1-.8 2.500-1 2.500 0 0 1.700-3 1.800-4.500 2.600-1.500.9-4.500 2.400-4 .4ZM20.500 19.500c1-.8 4-.5 4 .6 0 1-3 1.500-4 .9-.6-.4-.6-1.100 0-1.500Z"/>`,
  'custom:shards': `
    <path fill="#7a6a9c" d="M2 26 6 15l6 5-1 8Z"/><path fill="#b9aed6" d="M6 15l6 5-7 3Z"/>
    <path fill="#93e0e8" d="M13 27l2-13 6 10-2 5Z"/><path fill="#d8f7fa" d="m15 14 6 10-5-1Z"/>
    <path fill="#7a6a9c" d="m21 25 3-9 6 9-4 4Z"/><path fill="#b9aed6" d="m24 16 6 9-6-1Z"/>
    <path fill="#93e0e8" d="m10 11 4-6 3 5-4 3Z"/><path fill="#d8f7fa" d="m14 5 3 5-4-1Z"/>
    <path fill="#7a6a9c" d="m20 12 5-4 1 5-4 2Z"/>`,
  'custom:ash': `
    <path fill="#4b4852" d="M2 27c1-4 5-5 7-9s4-6 7-6 5 3 7 6 6 5 7 9c.3 1.300-1 2-2 2H4c-1 0-2.300-.7-2-2Z"/>
    <path fill="#77737f" d="M7 26c1-3 4-4 5.500-7s2-4.500 4-4.500 3 2.500 4.500 4.500 4 4 5 7Z"/>
    <path fill="#a5a1ad" d="M11 25c1-2 2.500-3 3.500-5s3.500-2 4.500 0 3 3 4 5Z"/>
    <circle cx="8" cy="26.500" r="1.300" fill="#ff7a2b"/><circle cx="20.500" cy="24" r="1.400" fill="#ff9a3c"/>
    <circle cx="15" cy="21" r="1" fill="#ff7a2b"/><circle cx="25.500" cy="26.800" r="1" fill="#ff7a2b"/>
    <path fill="#c9c6cf" d="M15 10c-2-2 1-3 0-6 3 2 1 4 2.500 6ZM20 10c-1.200-1.600 1-2.500.2-4.500 2.300 1.500.6 3 1.600 4.500Z"/>`,
  'custom:tadpole': `
    <path fill="#2f5d50" d="M18 15c5-1 7 3 9 2s1-4 3-4c1.500 0 1.500 3 0 6s-6 6-13 4Z"/>
    <ellipse cx="12" cy="17.500" rx="10.500" ry="8.500" fill="#3d7f6b"/>
    <ellipse cx="11" cy="20.500" rx="7" ry="4.500" fill="#8fd0a8"/>
    <circle cx="7.500" cy="14.500" r="2.700" fill="#fff"/><circle cx="7" cy="14.700" r="1.500" fill="#1c1c1c"/>
    <circle cx="14" cy="13.500" r="2.700" fill="#fff"/><circle cx="13.500" cy="13.700" r="1.500" fill="#1c1c1c"/>
    <path d="M7 20c1.500 1.400 3.500 1.400 5 0" stroke="#2f5d50" stroke-width="1" fill="none" stroke-linecap="round"/>`,
  'custom:bud': `
    <path fill="#3f9a1c" d="M14.800 15h2.400v16h-2.400Z"/>
    <path fill="#86d72f" d="M16 29c0-5-4-8-9-8 0 5 4 8 9 8ZM16.500 27c0-4 3-7 8-7 0 4-3 7-8 7Z"/>
    <path fill="#ff6aa8" d="M16 1.500c4 3.500 5 7 4.500 11h-9C11 8.500 12 5 16 1.500Z"/>
    <path fill="#ff9cc7" d="M16 1.500c1.800 3.500 2 7 1.200 11h-3.200c-.8-4 .2-7.500 2-11Z"/>
    <path fill="#57b52b" d="M9.500 8.500c3 1 5 3 6.500 6 1.500-3 3.500-5 6.500-6 .8 5-1.500 9.500-6.500 9.500s-7.300-4.500-6.500-9.500Z"/>`,
} as const satisfies Readonly<Record<string, string>>

/** The set draws all keycaps in one blue, alike at 30 px: here each number has a colour of its own, as children's blocks do. */
const NUMBER_COLOURS: Readonly<Record<string, string>> = {
  'keycap-1': '#e03c3c',
  'keycap-2': '#f5840c',
  'keycap-3': '#c99a00',
  'keycap-4': '#2f9440',
  'keycap-5': '#0fa394',
  'keycap-6': '#00a6ed',
  'keycap-7': '#3f55d6',
  'keycap-8': '#8b3fc4',
  'keycap-9': '#e2459c',
}

/** The one blue of the set's keycaps. */
export const KEYCAP_BLUE = '#00a6ed'

/** Gives a keycap its own colour; other drawings stay as they are. */
export function recolourNumber(icon: string, body: string): string {
  const colour = NUMBER_COLOURS[icon]
  return colour === undefined ? body : body.replace(KEYCAP_BLUE, colour)
}
