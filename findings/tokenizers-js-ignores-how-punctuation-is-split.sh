#!/usr/bin/env bash
# @huggingface/tokenizers 0.2.0 (JavaScript) beside tokenizers 0.23.3, one tokenizer.json: the pre-tokenizer Punctuation has a
# "behavior". The JavaScript package reads it for none of the values: "Removed" keeps the punctuation, and the two that merge a
# mark with a neighbour leave it alone, so merges that were learnt across that border never apply. Other ids, no error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/tokenizers@0.2.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tokenizers==0.23.3
cat >see.py <<'PY'
from tokenizers import Tokenizer, models, pre_tokenizers

vocabulary = {token: index for index, token in enumerate(["a", "b", ",", "a,", ",b"])}
for behavior in ["isolated", "removed", "merged_with_previous", "merged_with_next"]:
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[("a", ","), (",", "b")]))
    tokenizer.pre_tokenizer = pre_tokenizers.Punctuation(behavior)
    tokenizer.save(f"{behavior}.json")
    print(f"Python, {behavior}: {' '.join(tokenizer.encode('a,b').tokens)}")
PY
cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Tokenizer } from '@huggingface/tokenizers'

for (const behavior of ['isolated', 'removed', 'merged_with_previous', 'merged_with_next']) {
  const tokenizer = new Tokenizer(JSON.parse(readFileSync(`${behavior}.json`, 'utf8')), {})
  console.log(`JavaScript, ${behavior}: ${tokenizer.encode('a,b').tokens.join(' ')}`)
}
JS
{ venv/bin/python see.py && node see.mjs; } | tee seen
diff seen - <<'SEEN'
Python, isolated: a , b
Python, removed: a b
Python, merged_with_previous: a, b
Python, merged_with_next: a ,b
JavaScript, isolated: a , b
JavaScript, removed: a , b
JavaScript, merged_with_previous: a , b
JavaScript, merged_with_next: a , b
SEEN
