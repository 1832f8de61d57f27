#!/usr/bin/env bash
# @huggingface/jinja 0.5.11 beside jinja2 3.1.6: strip, lstrip and rstrip of a chat template take the characters to strip,
# and templates of reasoning models use that to cut line breaks alone ('\n') around thinking and answer. The JavaScript port
# takes the argument without a word and strips all white space: code that is indented on its first line loses the indent,
# so the prompt, and with it every token after that place, is another than the one the model was trained and is served with.
# Other characters than white space are not stripped at all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/jinja@0.5.11
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jinja2==3.1.6
cat >templates.json <<'JSON'
{
  "newlines around": "[{{ content.strip('\\n') }}]",
  "newlines before": "[{{ content.lstrip('\\n') }}]",
  "stars around": "[{{ starred.strip('*') }}]"
}
JSON
cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Template } from '@huggingface/jinja'

const values = { content: '\n    return 1\n', starred: '**bold**' }
for (const [name, template] of Object.entries(JSON.parse(readFileSync('templates.json', 'utf8'))))
  console.log(`JavaScript, ${name}: ${JSON.stringify(new Template(template).render(values))}`)
JS
cat >see.py <<'PY'
import json
from jinja2.sandbox import ImmutableSandboxedEnvironment

values = {"content": "\n    return 1\n", "starred": "**bold**"}
for name, template in json.load(open("templates.json")).items():
    print(f"Python, {name}: {json.dumps(ImmutableSandboxedEnvironment().from_string(template).render(values))}")
PY
{ node see.mjs && venv/bin/python see.py; } | tee seen
diff seen - <<'SEEN'
JavaScript, newlines around: "[return 1]"
JavaScript, newlines before: "[return 1\n]"
JavaScript, stars around: "[**bold**]"
Python, newlines around: "[    return 1]"
Python, newlines before: "[    return 1\n]"
Python, stars around: "[bold]"
SEEN
