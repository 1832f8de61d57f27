// Said before `npm test` begins, and not after minutes of building: what its Python parts need, and how to do without them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure-install.mjs'

if (process.env.DDA_SKIP_PYTHON !== '1' && !existsSync(process.env.DDA_VENV || join(root, '.venv'))) {
  process.stdout.write(
    'The tests of the Python parts need python3, and download about 6 GB (PyTorch) once, into .venv or DDA_VENV.\n' +
      'Without them: DDA_SKIP_PYTHON=1 npm test\n',
  )
}
