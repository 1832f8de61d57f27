import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_DATASET_FILE: {
      message: '{file} cannot be read: {problem}',
      next: 'Get the file again, or leave it out; rows of JSON lines, CSV and Parquet that are merely wrong are set aside one by one.',
    },
    DDA_DATASET_MISSING: {
      message: 'There is nothing to read at {path}',
      next: 'Correct the path; it is relative to the config that says it, or to where the command runs.',
    },
    DDA_DATASET_TYPE: {
      message: '{file} is of no type that can be read',
      next: 'Write it as one of {types}.',
    },
    DDA_DATASET_WRITE: {
      message: '{file} cannot be written: {why}',
      next: 'Name a folder that exists, with room and leave to write; what was there before is untouched.',
    },
    'DDA_DATASET_FOLDER/arrow': {
      message: '{folder} holds no rows that can be read',
      next: 'It was written by save_to_disk: write it with `Dataset.to_parquet`, one file a split, and import those.',
    },
    'DDA_DATASET_FOLDER/pictures': {
      message: '{folder} holds no rows that can be read',
      next: 'Put the instruction of NAME.png into NAME.txt beside it, or all of them into a metadata.jsonl with `file_name` and `instruction`.',
    },
    'DDA_DATASET_FOLDER/nothing': {
      message: '{folder} holds no rows that can be read',
      next: 'Name a folder with JSON lines, JSON, CSV or Parquet files, or with pictures and their instructions.',
    },
  },
  { page: ERRORS_PAGE },
)
