import { useState } from 'preact/hooks'

interface PictureProps {
  readonly src: string | undefined
  readonly alt: string
  /** Said where there is none. */
  readonly none?: string
  readonly className?: string
}

/** A picture, or in words that there is none. */
export function Picture({ src, alt, none = 'no picture', className = '' }: PictureProps) {
  const [lost, setLost] = useState<string>()
  if (src === undefined || lost === src)
    return <span class={`no-picture ${className}`}>{src === undefined ? none : 'the picture is gone'}</span>
  return <img class={className} src={src} alt={alt} decoding="async" draggable={false} onError={() => setLost(src)} />
}
