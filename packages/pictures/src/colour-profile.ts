/**
 * Does an ICC profile (ICC.1:2022, 7.2 to 7.3 and 10.15) call itself sRGB? Its pixels are then what most readers, that look at no profile,
 * take them for.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  if (profile.length < 132) return false
  const count = Math.min(profile.readUInt32BE(128), 100)
  for (let i = 0; i < count; i++) {
    const entry = 132 + 12 * i
    if (entry + 12 > profile.length) return false
    if (profile.toString('latin1', entry, entry + 4) !== 'desc') continue
    const from = profile.readUInt32BE(entry + 4)
    const text = profile.toString('latin1', from, from + Math.min(profile.readUInt32BE(entry + 8), 512))
    // ASCII in version 2, UTF-16 in version 4.
    return /s\0?R\0?G\0?B/.test(text)
  }
  return false
}

/** For {@link PictureHeader.odd}. */
export const OTHER_PROFILE = 'a colour profile other than sRGB'
