import { definePluginSet } from '@dda-thinker/plugin-api'
import { editorPlugin } from './editor/editor.ts'
import { judge } from './judge/index.ts'
import { synthesizer } from './synthesizer/index.ts'

export { PLAN_TAGS, tabletopWords } from './lexicon/lexicon.ts'
export { IDEA_WORDS } from './synthesizer/compose/ideas.ts'
export { TabletopJudge } from './judge/judge.ts'
export { type Curriculum, TabletopSynthesizer } from './synthesizer/synthesizer.ts'

export default definePluginSet({ synthesizer, editor: editorPlugin, judge })
