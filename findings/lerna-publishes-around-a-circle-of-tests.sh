#!/usr/bin/env bash
# lerna 9.0.7, `lerna publish from-package`: a (dependency: b) and b (devDependency: a, for its tests). Publishing should bring b first,
# and `--graph-type dependencies`, which the command's help offers to leave devDependencies out of the order, is read by nothing:
# a comes first either way, with a warning of a circle, and whoever installs it until b has come gets an error. And where a registry
# refused a package, the same command cannot be given again: lerna has written `gitHead` into the manifests, leaves it there
# after the failure, and then refuses a working tree with changes, which are its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; kill "${registry:-}" 2>/dev/null || true' EXIT
cd "$work"
mkdir tool && (cd tool && npm init -y >/dev/null && npm install --silent --ignore-scripts --no-audit --no-fund lerna@9.0.7)
cat >registry.mjs <<'JS'
import { existsSync, appendFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
const have = new Set()
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  if (request.method !== 'PUT') return response.writeHead(404).end('{}')
  const { name } = JSON.parse(body)
  if (existsSync('refuse') && have.size > 0) return response.writeHead(403).end('{"error":"no more today"}')
  have.add(name)
  appendFileSync('came', `${name}\n`)
  response.writeHead(201).end('{"ok":true}')
})
server.listen(0, '127.0.0.1', () => writeFileSync('port', String(server.address().port)))
JS
node registry.mjs & registry=$!
until [ -s port ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)/
printf '//127.0.0.1:%s/:_authToken=x\n' "$(cat port)" >npmrc
export npm_config_userconfig=$work/npmrc NX_DAEMON=false CI=1

mkdir -p repository/packages/{a,b} && cd repository
git init -q . && git config user.name n && git config user.email n@example.org
echo '{"name":"both","private":true,"workspaces":["packages/*"]}' >package.json
echo '{"version":"1.0.0","npmClient":"npm"}' >lerna.json
echo '{"name":"a","version":"1.0.0","dependencies":{"b":"^1.0.0"}}' >packages/a/package.json
echo '{"name":"b","version":"1.0.0"}' >packages/b/package.json
ln -s ../tool/node_modules node_modules
printf 'node_modules\n' >.gitignore
git add . && git commit -q -m release

publish() { ../tool/node_modules/.bin/lerna publish from-package --registry "$url" --yes "$@" >../log 2>&1 && echo 'ended with 0' || echo "ended with $?"; }
see() {
  echo "without the devDependency: $(publish), in the order $(paste -sd' ' ../came)"
  git checkout -q . && : >../came
  echo '{"name":"b","version":"1.0.0","devDependencies":{"a":"^1.0.0"}}' >packages/b/package.json
  git commit -q -a -m tests
  echo "publish --graph-type dependencies: $(publish --graph-type dependencies), in the order $(paste -sd' ' ../came)"
  echo "circles it warned of: $(grep -c 'WARN ECYCLE.*->' ../log || true)"
  git checkout -q . && : >../came && touch ../refuse
  echo "a registry that refuses the next: $(publish)"
  rm ../refuse
  echo "the same command again: $(publish), $(grep -o 'EUNCOMMIT  M [a-z/.]*' ../log | paste -sd, - || true)"
}
see | tee ../seen
diff ../seen - <<'SEEN'
without the devDependency: ended with 0, in the order b a
publish --graph-type dependencies: ended with 0, in the order a b
circles it warned of: 2
a registry that refuses the next: ended with 1
the same command again: ended with 1, EUNCOMMIT  M packages/a/package.json,EUNCOMMIT  M packages/b/package.json
SEEN
