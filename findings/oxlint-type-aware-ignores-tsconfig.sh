#!/usr/bin/env bash
# oxlint 1.89.0 with oxlint-tsgolint 7.0.2004, --type-aware: a file is checked under the tsconfig.json that is nearest to it, whatever
# --tsconfig says. One with "strict": false beside the file changes what the rules find ("require the strictNullChecks compiler
# option"), and naming the strict one at the root changes nothing. A repository with a tsconfig.json for each package is so as many
# programs, which each read the declarations of the others.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund oxlint@1.89.0 oxlint-tsgolint@7.0.2004
mkdir package
echo '{ "compilerOptions": { "strict": true }, "include": ["package/*.ts"] }' >tsconfig.json
echo '{ "compilerOptions": { "strict": false }, "include": ["*.ts"] }' >package/tsconfig.json
cat >.oxlintrc.json <<'JSON'
{
  "categories": { "correctness": "off" },
  "rules": { "typescript/no-unnecessary-condition": "error", "typescript/strict-boolean-expressions": "error" }
}
JSON
cat >package/size.ts <<'TS'
export function size(text: string): number {
  return text ?? 0
}
TS
lint() {
  echo "$1: $(npx --no-install oxlint --type-aware "${@:2}" package/size.ts 2>&1 | grep -c 'strictNullChecks') rules miss strictNullChecks"
}
{
  lint 'nearest is not strict'
  lint 'nearest is not strict, --tsconfig names the strict one' --tsconfig tsconfig.json
  rm package/tsconfig.json
  lint 'the strict one alone'
} | tee seen
diff seen - <<'SEEN'
nearest is not strict: 2 rules miss strictNullChecks
nearest is not strict, --tsconfig names the strict one: 2 rules miss strictNullChecks
the strict one alone: 0 rules miss strictNullChecks
SEEN
