import { useEffect, useState } from 'preact/hooks'

const dark = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark, as it is now: what is drawn on a canvas does not follow the style sheet. */
export function useScheme(): 'light' | 'dark' {
  const [isDark, setDark] = useState(dark.matches)
  useEffect(() => {
    const changed = () => setDark(dark.matches)
    changed()
    dark.addEventListener('change', changed)
    return () => dark.removeEventListener('change', changed)
  }, [])
  return isDark ? 'dark' : 'light'
}
