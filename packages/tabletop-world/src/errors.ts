import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_IMAGE_SIZE: {
      message: 'The picture is {width} × {height} pixels; a tabletop is {wantedWidth} × {wantedHeight}.',
      next: 'Give a picture that a tabletop synthesizer or Editor made.',
    },
    DDA_TABLETOP_ICON: {
      message: 'The icon set has no drawing "{icon}" for {name}.',
      next: 'Install the version of @iconify-json/fluent-emoji-flat that the package asks for.',
    },
    'DDA_TABLETOP_UNKNOWN/background': {
      message: 'There is no background "{background}".',
      next: 'Use a name of BACKGROUNDS.',
    },
    'DDA_TABLETOP_UNKNOWN/look': {
      message: 'There is no look "{look}".',
      next: 'Use a kind of KINDS, and a state that statesOf(kind) lists.',
    },
    'DDA_TABLETOP_UNKNOWN/kind': {
      message: 'There is no kind "{kind}".',
      next: 'Use a kind of KINDS, and a state that statesOf(kind) lists.',
    },
    'DDA_TABLETOP_UNKNOWN/state': {
      message: 'There is no state "{state}".',
      next: 'Use a kind of KINDS, and a state that statesOf(kind) lists.',
    },
    'DDA_TABLETOP_UNKNOWN/state-of-kind': {
      message: '"{kind}" cannot be {state}.',
      next: 'Use a kind of KINDS, and a state that statesOf(kind) lists.',
    },
  },
  { page: ERRORS_PAGE },
)
