import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_MLFLOW_ANSWER: {
      message: 'The MLflow server at {url} answered {call} with something else than MLflow does',
      next: 'Check that `url` is that of the tracking server itself, without a path of its pages.',
    },
    DDA_MLFLOW_EXPERIMENT: {
      message: 'The experiment "{experiment}" of the MLflow server at {url} was deleted',
      next: 'Restore it there, or name another one as `experiment`.',
    },
    DDA_MLFLOW_UNSENT: {
      message: '{count} steps, from {first} on, are not on the MLflow server at {url}: {why}',
      next: 'The run itself is not harmed. Once the server takes them, continuing the run sends what metrics.jsonl has and the server has not.',
    },
  },
  { page: ERRORS_PAGE },
)
