#!/usr/bin/env bash
# @huggingface/tokenizers 0.2.0 (JavaScript) beside tokenizers 0.23.3, one tokenizer.json: an added token with "single_word": true
# is one only where it stands as a word. The JavaScript package finds it inside other words too, so "imgs" becomes the picture's
# token and an "s", and a prompt of a vision-language model has one picture place more than it has pictures.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/tokenizers@0.2.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tokenizers==0.23.3
cat >see.py <<'PY'
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

tokenizer = Tokenizer(models.BPE(vocab={char: index for index, char in enumerate("aimgst")}, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer.add_tokens([AddedToken("img", single_word=True)])
tokenizer.save("tokenizer.json")
for text in ["img at imgs"]:
    print(f"Python: {' '.join(tokenizer.encode(text).tokens)}")
PY
cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Tokenizer } from '@huggingface/tokenizers'

const tokenizer = new Tokenizer(JSON.parse(readFileSync('tokenizer.json', 'utf8')), {})
console.log(`JavaScript: ${tokenizer.encode('img at imgs').tokens.join(' ')}`)
JS
{ venv/bin/python see.py && node see.mjs; } | tee seen
diff seen - <<'SEEN'
Python: img a t i m g s
JavaScript: img a t img s
SEEN
