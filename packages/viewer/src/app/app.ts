import { openSource } from './state/open-source.ts'
import { start } from './root.tsx'

start(openSource(), document.querySelector('#app') ?? document.body)
