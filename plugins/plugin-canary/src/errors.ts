import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CANARY_ALARM: {
      message: '{alarm}: its verdicts, and rewards made of them, are in doubt',
      next: 'Look at its reasons; use a stronger judge, soft scores, or items whose right answer is no. Continued, it asks anew. To go on all the same, set `onAlarm: warn` or raise `thresholds`, and continue it by its `--name` with --allow-config-change.',
    },
    DDA_CANARY_AGREEMENT: {
      message: '{alarm}: its verdicts, and rewards made of them, are in doubt',
      next: 'See whether the service still runs the same model with the same settings: `dda doctor --skip-edit --calibration <file>` asks it now. Continued, the run asks anew. To go on all the same, set `onAlarm: warn`, and continue it by its `--name` with --allow-config-change.',
    },
    DDA_CANARY_METRICS: {
      message: 'Line {line} of {file} is not what the canaries wrote',
      next: 'Resume from a copy of the run, or start a new one: what was counted before is lost with that line.',
    },
  },
  { page: ERRORS_PAGE },
)
