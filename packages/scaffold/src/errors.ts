import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_INIT_FROM: {
      message: '{folder} {why}.',
      next: '`npm run pack` in a checkout of DDA-Thinker writes them to dist/tarballs; name that folder, or a registry.',
      exit: 'usage',
    },
    'DDA_INIT_NOT_EMPTY/plugin': {
      message: '{path} is there already.',
      next: 'Give the plugin another name, or remove the folder.',
      exit: 'usage',
    },
    'DDA_INIT_NOT_EMPTY/project': {
      message: '{dir} is not empty ({there}, ...).',
      next: 'Name a new folder, or add --force to write into this one.',
      exit: 'usage',
    },
    'DDA_INIT_TEMPLATE/kind': {
      message: 'There is no template of the kind `{kind}`.',
      next: 'Use one of: {pluginKinds}.',
      exit: 'usage',
    },
    'DDA_INIT_TEMPLATE/name': {
      message: 'There is no template `{name}`.',
      next: 'Use one of: {templates}.',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
