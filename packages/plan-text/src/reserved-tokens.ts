import { errors } from './errors.ts'

/** Tokens that chat templates and vision models give a meaning of their own, in the forms of the common families. */
const PATTERNS: readonly RegExp[] = [
  // The name of a role goes with the token that opens its turn.
  /(?:<\|(?:im_start|start_header_id|start|turn|role)\|>|<start_of_turn>)[ \t]*(?:system|user|assistant|model|tool|developer)?/gi,
  // ChatML, Qwen (also its vision tokens), Llama 3, Phi; DeepSeek with full-width bars.
  /<[|｜][^<>|｜\n]{0,80}[|｜]>/g,
  // Sentence marks, Gemma turns, image slots of LLaVA, InternVL and Gemma, byte and unused tokens.
  /<\/?(?:s|bos|eos|pad|unk|cls|sep|mask|start_of_turn|end_of_turn|start_of_image|end_of_image|image_soft_token|image|img|img_context|video|vision|box|ref|quad|unused\d+|0x[0-9a-f]{2})>/gi,
  // Blocks that newer chat models and their servers take out of an answer or act on.
  /<\/?(?:think|thinking|tool_call|tool_response|tools|function_call|system|assistant|user|human)>/gi,
  // Llama 2 and Mistral.
  /\[\/?(?:INST|SYSTEM_PROMPT|IMG|IMG_BREAK|IMG_END|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|PREFIX|MIDDLE|SUFFIX)\]/g,
  /<<\/?SYS>>/g,
]

/** Every one of them begins so; most texts have neither. */
const OPENING = /[<[]/

/** Characters that show nothing: controls, zero-width and direction marks, tag characters, lone surrogates, private use. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/gu

export interface Stripped {
  readonly text: string
  /** How many were taken out. */
  readonly count: number
}

/** One form for look-alikes (Unicode NFKC: full-width brackets and letters), and nothing that cannot be seen. */
export function visible(text: string): Stripped {
  let count = 0
  const clean = text
    .normalize('NFKC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(INVISIBLE, (character) => {
      if (character === '\n') return character
      if (character === '\t') return ' '
      count += 1
      return ''
    })
  return { text: clean, count }
}

/**
 * Passes over a text. Tokens inside tokens take one each, and nobody writes them 16 deep but to be left with one: without an
 * end, a text of nested openings would take time in proportion to the square of its length.
 */
const MAX_PASSES = 16

/**
 * Takes matches out until none is left, so that what closes up around a gap is no new one. Of a text in which there still
 * is one after {@link MAX_PASSES} nothing is left.
 */
export function strip(text: string, patterns: readonly RegExp[], replacement = ''): Stripped {
  let clean = text
  let count = 0
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = clean
    for (const pattern of patterns) {
      clean = clean.replaceAll(pattern, () => {
        count += 1
        return replacement
      })
    }
    if (clean === before) return { text: clean, count }
  }
  return { text: '', count }
}

/** A text as a part of a regular expression that matches just it. */
export function escapeExpression(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}

/**
 * Takes reserved tokens out of foreign text, which could otherwise end a message, open another role or stand for a
 * picture once a server's chat template is applied to it.
 */
export function stripReservedTokens(text: string): Stripped {
  return OPENING.test(text) ? strip(text, PATTERNS) : { text, count: 0 }
}

/**
 * A plan as the server of an Editor is told it: its text encoder applies a chat template with pictures too, and a plan that
 * could make it fail would be masked instead of losing reward.
 *
 * @throws DdaError `DDA_EDITOR_PROMPT`, kind `bad-input`, where nothing is left: servers refuse empty prompts, for which the
 *   engine must not mask the rollout either
 */
export function editorPrompt(plan: string): string {
  const { text } = stripReservedTokens(plan)
  if (text.trim() !== '') return text
  throw errors.make('DDA_EDITOR_PROMPT/only-reserved', {}, { kind: 'bad-input' })
}

/** How many reserved tokens a text holds, those included that are hidden by characters that show nothing. */
export function countReservedTokens(text: string): number {
  return stripReservedTokens(visible(text).text).count
}
