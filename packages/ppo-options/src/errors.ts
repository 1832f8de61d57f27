import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_CONFIG_INVALID/trainer': {
      message: 'trainer: {problems}',
      next: 'Take out what has no effect or is not supported, or change what it depends on.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/groups-of-one': {
      message: 'trainer: {compares} compares the plans of a group, and `train.groupSize` is 1',
      next: 'Set `train.groupSize` to 2 or more, or learn without groups: `trainer.advantage` gae or reinforce++, `trainer.groupCentre` off.',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
