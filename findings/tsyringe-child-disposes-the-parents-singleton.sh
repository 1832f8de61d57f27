#!/usr/bin/env bash
# tsyringe 4.10.0: a singleton that the parent container registers belongs to whichever container is asked for it first. When
# that is a child (one container a job, say), disposing of the child disposes of the parent's singleton; the parent goes on
# handing out the disposed object, and its own dispose() no longer reaches it. Objects made by a factory, kept by
# instanceCachingFactory, are disposed of by neither.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund tsyringe@4.10.0 reflect-metadata@0.2.2
cat >see.mjs <<'JS'
import 'reflect-metadata'
import { container, instanceCachingFactory } from 'tsyringe'

class Session {
  disposed = 0
  dispose() {
    this.disposed += 1
  }
}
const parent = container.createChildContainer()
parent.registerSingleton('shared', class extends Session {})
parent.registerSingleton('asked of the parent', class extends Session {})
parent.register('factory', { useFactory: instanceCachingFactory(() => new Session()) })
parent.resolve('asked of the parent')
const child = parent.createChildContainer()
for (const token of ['shared', 'asked of the parent', 'factory']) child.resolve(token)
const tell = (when) =>
  console.log(`${when}: ${['shared', 'asked of the parent', 'factory'].map((token) => `${token} ${parent.resolve(token).disposed}`).join(', ')}`)
const kept = ['shared', 'asked of the parent', 'factory'].map((token) => parent.resolve(token))
await child.dispose()
tell('times disposed, child disposed')
await parent.dispose()
console.log(`times disposed, parent disposed: ${kept.map((object) => object.disposed).join(', ')}`)
JS
node see.mjs | tee seen
diff seen - <<'SEEN'
times disposed, child disposed: shared 1, asked of the parent 0, factory 0
times disposed, parent disposed: 1, 1, 0
SEEN
