import { completeConfig } from '@dda-thinker/config'
import comfyui from '@dda-thinker/editor-comfyui'
import editHttp from '@dda-thinker/editor-edit-http'
import openai from '@dda-thinker/editor-openai'
import vlm from '@dda-thinker/judge-vlm'
import chat from '@dda-thinker/thinker-chat'
import { expect, test } from 'vitest'

const { deadline } = completeConfig({}).engine

test.each([
  ['editor-openai', openai, deadline.edit],
  ['editor-comfyui', comfyui, deadline.edit],
  ['editor-edit-http', editHttp, deadline.edit],
  ['judge-vlm', vlm, deadline.judge],
  ['thinker-chat', chat, deadline.plan],
])('by default the deadline of its stage lets %s repeat a call that timed out, twice', (_name, plugin, seconds) => {
  // TypeBox keeps the default out of the schema's type.
  const { default: timeout } = plugin.options.properties.timeoutSeconds as {
    readonly type: 'number'
    readonly default?: number
  }
  expect(seconds).toBeGreaterThanOrEqual(3 * (timeout ?? Infinity))
})
