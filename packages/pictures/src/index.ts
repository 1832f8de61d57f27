// Pictures as files: what they may be, what they are by their bytes, the one form in which they are kept, and the PNG that is written.
export { encodePng, type Raster } from './encode-png.ts'
export { guardImage } from './guard-image.ts'
export { IMAGE_LIMITS, type ImageLimits } from './limits.ts'
export { decodePicture, GROUND, isNormalPicture, normalPicture, type NormalPicture } from './normal-form.ts'
export { PictureError } from './picture-error.ts'
export { readHeader, type ImageInfo } from './read-header.ts'
export { sharpIfInstalled } from './sharp.ts'
export { withinPixels } from './within-pixels.ts'
