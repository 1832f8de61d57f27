#!/usr/bin/env bash
# @huggingface/tokenizers 0.2.0 (JavaScript) beside tokenizers 0.23.3, one tokenizer.json: the pre-tokenizer Split with
# "invert": true names the pieces by what the pattern matches, and what lies between is kept (behavior "Isolated"). The
# JavaScript package keeps the matches alone: everything else, blanks, digits, other scripts, is missing from the ids. Nothing is raised;
# a text without any match has no tokens.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/tokenizers@0.2.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tokenizers==0.23.3
cat >see.py <<'PY'
import json
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
tokenizer = Tokenizer(models.BPE(vocab={char: index for index, char in enumerate(alphabet)}, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex("[a-z]+"), "isolated", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.save("tokenizer.json")
for text in ["move 12 cups", "2026"]:
    ids = tokenizer.encode(text).ids
    print(f"Python: {json.dumps(text)} is {len(ids)} tokens, back {json.dumps(tokenizer.decode(ids))}")
PY
cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Tokenizer } from '@huggingface/tokenizers'

const tokenizer = new Tokenizer(JSON.parse(readFileSync('tokenizer.json', 'utf8')), {})
for (const text of ['move 12 cups', '2026']) {
  const { ids } = tokenizer.encode(text)
  const back = ids.length > 0 ? tokenizer.decode(ids) : ''
  console.log(`JavaScript: ${JSON.stringify(text)} is ${ids.length} tokens, back ${JSON.stringify(back)}`)
}
JS
{ venv/bin/python see.py && node see.mjs; } | tee seen
diff seen - <<'SEEN'
Python: "move 12 cups" is 12 tokens, back "move 12 cups"
Python: "2026" is 4 tokens, back "2026"
JavaScript: "move 12 cups" is 8 tokens, back "movecups"
JavaScript: "2026" is 0 tokens, back ""
SEEN
