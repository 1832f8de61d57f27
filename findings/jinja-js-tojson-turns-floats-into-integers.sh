#!/usr/bin/env bash
# @huggingface/jinja 0.5.11 beside jinja2 3.1.6 with the tojson that transformers gives to chat templates: the description of
# a tool is printed into the prompt by `tools | tojson`. A number that is written 1.0 there (a default strength, a maximum)
# is printed as 1 by the JavaScript port, also where the template itself says 1.0, so the same tools make another prompt than
# in training; the port knows floats, and prints {{ 1.0 }} as 1.0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/jinja@0.5.11
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jinja2==3.1.6
cat >templates.json <<'JSON'
["{{ tool | tojson }}", "{{ {'strength': 1.0} | tojson }}", "{{ 1.0 }}"]
JSON
printf '{"name": "edit", "strength": {"type": "number", "default": 1.0, "step": 0.25}}' >tool.json
cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Template } from '@huggingface/jinja'

const tool = JSON.parse(readFileSync('tool.json', 'utf8'))
for (const template of JSON.parse(readFileSync('templates.json', 'utf8')))
  console.log(`JavaScript: ${new Template(template).render({ tool })}`)
JS
cat >see.py <<'PY'
import json
from jinja2.sandbox import ImmutableSandboxedEnvironment

environment = ImmutableSandboxedEnvironment()
environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
for template in json.load(open("templates.json")):
    print(f"Python: {environment.from_string(template).render(tool=json.load(open('tool.json')))}")
PY
{ node see.mjs && venv/bin/python see.py; } | tee seen
diff seen - <<'SEEN'
JavaScript: {"name": "edit", "strength": {"type": "number", "default": 1, "step": 0.25}}
JavaScript: {"strength": 1}
JavaScript: 1.0
Python: {"name": "edit", "strength": {"type": "number", "default": 1.0, "step": 0.25}}
Python: {"strength": 1.0}
Python: 1.0
SEEN
