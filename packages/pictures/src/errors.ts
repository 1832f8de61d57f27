import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_IMAGE_DECODER: {
      message: 'The picture cannot be read here without sharp: it has {odd}',
      next: 'Install sharp where the project is (`npm install sharp`), or give an opaque upright picture of 8 bits a channel in sRGB.',
    },
    'DDA_IMAGE_INVALID/damaged': {
      message: 'Not a usable picture: {why}',
      next: 'Look at where the picture comes from and at any proxy before it: it is cut short or damaged.',
    },
    'DDA_IMAGE_INVALID/format': {
      message: 'Not a usable picture: {why}',
      next: 'Give a PNG, JPEG or WebP file that does not move.',
    },
    DDA_IMAGE_TOO_LARGE: {
      message: 'The picture has {what}',
      next: 'Use smaller pictures, or ask the Editor for a smaller `size`.',
    },
  },
  { page: ERRORS_PAGE },
)
