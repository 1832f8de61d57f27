#!/usr/bin/env bash
# @huggingface/jinja 0.5.11 beside jinja2 3.1.6: == compares lists and mappings by identity, as JavaScript does, where the
# language compares their contents. A chat template that asks `tools == []` or `message.content == [{'type': 'image'}]` takes
# the other branch and raises nothing, and `!=` is true even of a list and its copy.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/jinja@0.5.11
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jinja2==3.1.6
cat >templates.json <<'JSON'
[
  "{% if tools == [] %}no tools{% else %}tools{% endif %}",
  "{% if content != [{'type': 'image'}] %}text{% else %}image alone{% endif %}"
]
JSON
cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Template } from '@huggingface/jinja'

const values = { tools: [], content: [{ type: 'image' }] }
for (const template of JSON.parse(readFileSync('templates.json', 'utf8')))
  console.log(`JavaScript: ${new Template(template).render(values)}`)
JS
cat >see.py <<'PY'
import json
from jinja2.sandbox import ImmutableSandboxedEnvironment

values = {"tools": [], "content": [{"type": "image"}]}
for template in json.load(open("templates.json")):
    print(f"Python: {ImmutableSandboxedEnvironment().from_string(template).render(values)}")
PY
{ node see.mjs && venv/bin/python see.py; } | tee seen
diff seen - <<'SEEN'
JavaScript: tools
JavaScript: text
Python: no tools
Python: image alone
SEEN
