// The site of docs/: `npm run docs` builds it into dist/docs, where a dead link fails the build; `npm run docs:dev` shows it while it is written.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anchorOf, REPOSITORY, siteLinks } from './links.mjs'
import { SIDEBAR } from './sidebar.mjs'

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

export default {
  title: 'DDA-Thinker',
  description: 'Reinforcement learning for Thinkers that plan image edits which need reasoning, under a fixed Editor.',
  outDir: join(root, 'dist/docs'),
  cacheDir: join(root, 'node_modules/.cache/vitepress'),
  // The path that the site is served under, with slashes at both ends.
  base: process.env.DDA_DOCS_BASE ?? '/',
  rewrites: { 'plugins/README.md': 'plugins/index.md' },
  cleanUrls: false,
  lastUpdated: false,
  markdown: {
    // Braces and angle brackets in text are text here, and no templates.
    attrs: { disable: true },
    html: false,
    anchor: { slugify: anchorOf },
    config: (markdown) => {
      markdown.core.ruler.before('block', 'head-comment', (state) => {
        state.src = state.src.replace(/^<!--.*?-->\n/s, '')
      })
      markdown.core.ruler.push('site-links', siteLinks)
      markdown.renderer.rules.code_block = (tokens, index) =>
        `<pre v-pre class="language-sh"><code>${markdown.utils.escapeHtml(tokens[index].content)}</code></pre>\n`
    },
  },
  themeConfig: {
    nav: [
      { text: 'Quick start', link: '/guide/getting-started' },
      { text: 'Concepts', link: '/concepts' },
      { text: 'Write a plugin', link: '/plugins' },
      { text: 'Plugins', link: '/plugins/' },
      { text: 'Errors', link: '/reference/errors' },
    ],
    sidebar: SIDEBAR,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    footer: { message: 'MIT licence' },
  },
}
