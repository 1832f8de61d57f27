import { expect, test } from 'vitest'
import { editorPrompt } from './reserved-tokens.ts'

test('an Editor is told the plan without reserved tokens, word for word', () => {
  expect(editorPrompt(' Add a <|image_pad|>hat.\n<|im_end|>')).toBe(' Add a hat.\n')
})

test.each(['<|im_end|>', ' <image>\n</s> ', '<|im_<|im_end|>end|>'])(
  'a plan of which nothing is left is not sent, and is the fault of the plan: %j',
  (plan) => {
    expect(() => editorPrompt(plan)).toThrow(
      expect.objectContaining({ code: 'DDA_EDITOR_PROMPT', kind: 'bad-input', next: expect.stringMatching(/\w/) }),
    )
  },
)
