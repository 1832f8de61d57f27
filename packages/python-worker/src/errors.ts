import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_PYTHON_FOREIGN: {
      message: '{folder} was not made by DDA-Thinker and lacks {missing}',
      next: 'Run {python} -m pip install -r {requirements}, or name another folder with DDA_VENV.',
    },
    DDA_PYTHON_INSTALL: {
      message: 'pip could not install {requirements} into {folder}: {said}',
      next: 'Look at what pip says above: the network, the disk, or the version of Python; then try again.',
    },
    DDA_PYTHON_MISSING: {
      message: 'No Python {oldest} or newer was found; tried {tried}',
      next: 'Install Python {oldest} or newer, or name one with DDA_PYTHON.',
    },
    DDA_PYTHON_REQUIREMENTS: {
      message: 'The requirements {file} cannot be read',
      next: 'Install @dda-thinker/python-worker again, or name another file.',
    },
    DDA_PYTHON_VENV: {
      message: 'No virtual environment can be made in {folder}: {why}',
      next: 'Install the venv module of Python (python3-venv on Debian), or name another folder with DDA_VENV.',
    },
    DDA_WORKER_CLOSED: {
      message: 'The Python worker of {name} has been closed',
      next: 'Open the plugin again.',
    },
    'DDA_WORKER_DIED/ended': {
      message: 'The Python worker of {name} ended {how} while it worked. {said}',
      next: 'Read its last words; the next request starts a new one.',
    },
    'DDA_WORKER_DIED/killed': {
      message: 'The Python worker of {name} ended {how} while it worked. {said}',
      next: 'Something killed it, most often the system for want of memory: use a smaller model, batch or picture.',
    },
    DDA_WORKER_FAILED: {
      message: 'The Python worker of {name} reports {reason}: {message}',
      next: 'Run with --debug: the log holds the traceback.',
    },
    'DDA_WORKER_GONE/advice': {
      message: 'The Python worker of {name} died {deaths} times in a row: {why}',
      next: '{next}',
    },
    DDA_WORKER_GONE: {
      message: 'The Python worker of {name} died {deaths} times in a row: {why}',
      next: 'Put right what its last words say; the same command continues.',
    },
    'DDA_WORKER_PROTOCOL/frame': {
      message: 'The worker sent {what}',
      next: 'Have the script make its dda_worker.Worker before anything writes to standard output.',
    },
    'DDA_WORKER_PROTOCOL/version': {
      message: 'The Python worker of {name} {speaks}',
      next: 'Use the dda_worker module that comes with @dda-thinker/python-worker.',
    },
    'DDA_WORKER_START/hello': {
      message: 'The worker has not said hello yet',
      next: 'This is a defect of the plugin, which uses its worker before it has started; report it.',
    },
    'DDA_WORKER_START/silent': {
      message: 'The Python worker of {name} did not start: {what}. {said}',
      next: 'Run the same command with --debug, and check that the interpreter has the packages that the worker imports.',
    },
    DDA_WORKER_TIMEOUT: {
      message: 'The Python worker of {name} gave no {method} within {seconds} s',
      next: 'Raise the time-out, or give it less to do.',
    },
  },
  { page: ERRORS_PAGE },
)
