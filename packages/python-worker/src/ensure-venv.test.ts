import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ensureVenv, findPython, unmetRequirements, venvFolder, venvPython } from './index.ts'

vi.setConfig({ testTimeout: 300_000 })

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dda-venv-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

/** Writes the wheel of an empty package: name, version and folder are its arguments. */
const WHEEL = `import sys, zipfile
name, version, folder = sys.argv[1:]
info = f'{name}-{version}.dist-info'
with zipfile.ZipFile(f'{folder}/{name}-{version}-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(f'{name}.py', f'VERSION = "{version}"')
    wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n')
    wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{info}/RECORD', '')
`

/** Requirements that pin a package without dependencies, from a folder: installing it needs no network. */
async function requirements(version: string): Promise<string> {
  const folder = join(home, 'wheels')
  mkdirSync(folder, { recursive: true })
  const { path } = await findPython()
  await execa(path, ['-c', WHEEL, 'ddatestpin', version, folder])
  const file = join(home, 'requirements.txt')
  const other = "ddanotthere==1; sys_platform == 'plan9'"
  writeFileSync(file, `# pins\n--no-index\n--find-links ${folder}\nddatestpin==${version}\n${other}\n`)
  return file
}

const versionIn = async (python: string): Promise<string> =>
  (await execa(python, ['-c', 'import ddatestpin; print(ddatestpin.VERSION)'])).stdout

describe('ensureVenv', () => {
  // Making one takes seconds of pip unpacking itself. Copies of this run as well as it does.
  let bare = ''
  beforeAll(async () => {
    bare = join(mkdtempSync(join(tmpdir(), 'dda-bare-')), '.venv')
    await execa((await findPython()).path, ['-m', 'venv', bare])
  })
  afterAll(() => rmSync(join(bare, '..'), { recursive: true, force: true }))
  const copyBare = (to: string) => cpSync(bare, to, { recursive: true, verbatimSymlinks: true })

  test('makes it once for each content of the requirements, also when two ask at once', async () => {
    const folder = join(home, 'sub', '.venv')
    const file = await requirements('1.0')
    const lines: string[] = []
    const ask = () => ensureVenv({ folder, requirements: file, onLine: (line) => lines.push(line) })
    const [one, two] = await Promise.all([ask(), ask()])
    expect(one).toEqual(two)
    expect(one).toEqual({ folder, python: venvPython(folder) })
    expect(await versionIn(one.python)).toBe('1.0')
    expect(lines.filter((line) => line.startsWith('Making'))).toHaveLength(1)
    expect(lines.filter((line) => line.startsWith('Installing /'))).toHaveLength(1)

    lines.length = 0
    await ask()
    expect(lines).toEqual([])

    await requirements('1.1')
    await ask()
    expect(await versionIn(one.python)).toBe('1.1')
    expect(existsSync(`${folder}.lock`)).toBe(false)
  })

  test('what pip refuses is DDA_PYTHON_INSTALL, and a later call tries again', async () => {
    const folder = join(home, '.venv')
    copyBare(folder)
    // As an interruption between making and installing leaves it.
    writeFileSync(join(folder, '.dda-venv.json'), '{"requirements":null}')
    const file = await requirements('1.0')
    writeFileSync(file, '--no-index\nddanowhere==3\n')
    const call = ensureVenv({ folder, requirements: file })
    await expect(call).rejects.toMatchObject({ code: 'DDA_PYTHON_INSTALL', kind: 'unavailable' })
    await expect(call).rejects.toThrow('ddanowhere')
    const { python } = await ensureVenv({ folder, requirements: await requirements('1.0') })
    expect(await versionIn(python)).toBe('1.0')
  })

  // That of the shared environment, so that no test needs a network.
  const shared = process.env.DDA_TEST_COLD_VENV ?? ''
  const uv = shared === '' ? '' : join(dirname(venvPython(shared)), process.platform === 'win32' ? 'uv.exe' : 'uv')
  describe.skipIf(!existsSync(uv))('by uv', () => {
    const install = async () => {
      const folder = join(home, '.venv')
      copyBare(folder)
      cpSync(uv, join(dirname(venvPython(folder)), basename(uv)))
      writeFileSync(join(folder, '.dda-venv.json'), '{"requirements":null}')
      const lines: string[] = []
      const { python } = await ensureVenv({
        folder,
        requirements: await requirements('1.0'),
        installer: 'uv',
        onLine: (line) => lines.push(line),
      })
      expect(await versionIn(python)).toBe('1.0')
      const asked = 'import importlib.metadata as m; print(m.distribution("ddatestpin").read_text("INSTALLER"))'
      return { installer: (await execa(python, ['-c', asked])).stdout.trim(), said: lines.join('\n'), folder }
    }

    const compiled = (folder: string) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /ddatestpin.*\.pyc$/.test(name))

    // Set, Python keeps nothing of what it compiles as `install` imports it.
    beforeEach(() => void vi.stubEnv('PYTHONDONTWRITEBYTECODE', '1'))

    test('what is imported is compiled', async () => {
      vi.stubEnv('UV_COMPILE_BYTECODE', undefined)
      const { installer, folder } = await install()
      expect(installer).toBe('uv')
      expect(compiled(folder)).toContainEqual(expect.stringMatching(/__pycache__.ddatestpin/))
    })

    test('unless uv is told to leave that to Python', async () => {
      vi.stubEnv('UV_COMPILE_BYTECODE', '0')
      const { installer, folder } = await install()
      expect(installer).toBe('uv')
      expect(compiled(folder)).toEqual([])
    })

    test('where pip is configured in a way that uv is not, pip does it', async () => {
      writeFileSync(join(home, 'limits.txt'), 'ddatestpin<2\n')
      vi.stubEnv('PIP_CONSTRAINT', join(home, 'limits.txt'))
      const { installer, said } = await install()
      expect(installer).toBe('pip')
      expect(said).toContain('uv did not, so pip does: pip is configured in a way that uv is not')
    })

    test('where uv fails, pip does it', async () => {
      vi.stubEnv('UV_LINK_MODE', 'nowhere')
      const { installer, said } = await install()
      expect(installer).toBe('pip')
      expect(said).toMatch(/uv did not, so pip does: [^]*nowhere/)
    })
  })

  test('an environment of somebody else is used where it has the pins, and never changed', async () => {
    const folder = join(home, 'theirs')
    copyBare(folder)
    const file = await requirements('1.0')
    const refused = ensureVenv({ folder, requirements: file })
    await expect(refused).rejects.toMatchObject({ code: 'DDA_PYTHON_FOREIGN' })
    await expect(refused).rejects.toThrow('ddatestpin==1.0 (missing)')
    await execa(venvPython(folder), [
      '-m',
      'pip',
      'install',
      '--no-index',
      join(home, 'wheels/ddatestpin-1.0-py3-none-any.whl'),
    ])
    expect(await ensureVenv({ folder, requirements: file })).toEqual({ folder, python: venvPython(folder) })
    await requirements('2.0')
    expect(await unmetRequirements(venvPython(folder), file)).toEqual(['ddatestpin==2.0 (1.0)'])
  })

  test('a folder of other things is left alone', async () => {
    writeFileSync(join(home, 'thesis.tex'), '')
    const file = await requirements('1.0')
    await expect(ensureVenv({ folder: home, requirements: file })).rejects.toMatchObject({ code: 'DDA_PYTHON_VENV' })
    expect(existsSync(join(home, 'pyvenv.cfg'))).toBe(false)
  })

  test('requirements that are not there are DDA_PYTHON_REQUIREMENTS', async () => {
    const requirements = join(home, 'none.txt')
    await expect(ensureVenv({ requirements, folder: home })).rejects.toMatchObject({ code: 'DDA_PYTHON_REQUIREMENTS' })
  })
})

test('no Python is DDA_PYTHON_MISSING with what was tried', async () => {
  await expect(findPython('/nowhere/python3')).rejects.toMatchObject({ code: 'DDA_PYTHON_MISSING' })
  vi.stubEnv('PATH', home)
  await expect(findPython(undefined)).rejects.toThrow(/python3 \(cannot be run\).*python3\.11/)
})

test('the shared folder is DDA_VENV, else the nearest that was made here, else one of this folder', async () => {
  vi.stubEnv('DDA_VENV', join(home, 'named'))
  expect(venvFolder(home)).toBe(join(home, 'named'))
  vi.stubEnv('DDA_VENV', '')
  mkdirSync(join(home, 'a/.venv'), { recursive: true })
  expect(venvFolder(join(home, 'a/b'))).toBe(join(home, 'a/b/.venv'))
  writeFileSync(join(home, 'a/.venv/.dda-venv.json'), '{"requirements":null}')
  expect(venvFolder(join(home, 'a/b'))).toBe(join(home, 'a/.venv'))
})
