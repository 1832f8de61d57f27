// What is kept on disk: content by hash, results by key, lines appended. No knowledge of runs.
export { AppendLog } from './append-log.ts'
export { type Cached, ResultCache, type ResultCacheOptions, type Source } from './cache.ts'
export { canonicalJson, sha256 } from './canonical.ts'
export { ContentStore, type ContentStoreOptions } from './content-store.ts'
export { hashOfFile, hashOfStart } from './file-hash.ts'
export { type Files, errno, fileError, nodeFiles, syncFolder, temporaryName, writeFileAtomic } from './files.ts'
export { collect, jsonLine, readLines, readLinesWithEnds } from './lines.ts'
export { type LineReplacement, replaceLines } from './replace-lines.ts'
