import { fileURLToPath } from 'node:url'

export const TEMPLATE_FOLDER = fileURLToPath(new URL('.', import.meta.url))
