import { expect, test } from 'vitest'
import { shortFingerprint } from './short-fingerprint.ts'

test.each([
  ['tabletop-editor/1 jitter=1 missRate=0', 'tabletop-editor/1 jitter=1 missRate=0'],
  [
    'editor-openai/1 {"path":"images/edits","fields":{"model":"Qwen-Image-Edit-2511","n":1}}',
    'editor-openai/1 Qwen-Image-Edit-2511',
  ],
  ['editor-comfyui/1 {"graph":"0ac842bc"}', 'editor-comfyui/1'],
  ['unknown Editor', 'unknown Editor'],
])('%s is called %s', (fingerprint, name) => expect(shortFingerprint(fingerprint)).toBe(name))
