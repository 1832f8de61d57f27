// Writes what packages that others build on promise, packages/*/etc/*.api.md, from their built types, so that a change of the
// contract is seen in review. `--check` writes nothing and exits with 1 where a committed report is not what the code says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

/** Packages that plugins of others import. */
const PUBLIC = ['plugin-api', 'testkit']

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
const scratch = mkdtempSync(join(tmpdir(), 'dda-api-'))
try {
  const stale = PUBLIC.filter((name) => !report(name))
  if (stale.length > 0) {
    process.stderr.write(
      `The API of ${stale.join(' and ')} is not what its report says. Run npm run build && node scripts/api-reports.mjs, and say in CHANGELOG.md what changed.\n`,
    )
    process.exitCode = 1
  }
} finally {
  rmSync(scratch, { recursive: true })
}

/** @returns {boolean} whether the committed report is true now */
function report(name) {
  const folder = join(root, 'packages', name)
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, 'dist/index.d.ts'),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            target: 'es2023',
            // The extractor cannot follow AbortSignal where only @types/node declares it.
            lib: ['es2023', 'dom'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          include: [join(folder, 'dist')],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: join(folder, 'etc'),
        reportTempFolder: scratch,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  })
  const result = Extractor.invoke(config, {
    localBuild: !check,
    messageCallback(message) {
      message.handled = true
      if (message.logLevel === ExtractorLogLevel.Error) process.stderr.write(`${message.text}\n`)
    },
  })
  return result.errorCount === 0 && (!check || !result.apiReportChanged)
}
