import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_DATA/no-picture': {
      message: '{item} has no picture for its question',
    },
    'DDA_BENCHMARK_DATA/output': {
      message: 'The benchmark would write the picture of {item} outside of its folder: {output}',
      next: 'Get the data anew from where it is published; its names are not those of the benchmark.',
    },
    'DDA_BENCHMARK_DATA/picture': {
      message: '{item}: the picture {path} cannot be used: {why}',
      next: 'Pictures are sought in {folder}; complete the data there.',
    },
    DDA_ANNOTATION_INVALID: {
      message: 'The {place} cannot be taken: {problem}',
      next: 'Give `rollout`, `item`, `answer` (yes, no or unsure; null takes it back) and `by` of each; nothing was written.',
      exit: 'usage',
    },
    DDA_CHECKLIST_INVALID: {
      message: '{problem}',
      next: 'Give items as {"id", "scope", "question", "expected"}; in a file for many samples one {"id", "checklist"} a line.',
      exit: 'usage',
    },
    'DDA_FILE_SYSTEM/books': {
      message: '{why}; it holds what was spent, which the budget counts',
      next: 'Put {file} right, or take `budget` out of the configuration; the same command continues.',
    },
    'DDA_CHECKLIST_MISSING/file': {
      message: 'There is no checklist file {file}',
      next: 'Give the path relative to the folder the command is started in.',
      exit: 'usage',
    },
    'DDA_CHECKLIST_MISSING/samples': {
      message: '{count} of {all} samples have no checklist, so nothing can be judged: {first}',
      next: 'Give each a checklist (a column `checklist`, or in samples.jsonl) and run `dda synthesize` again, or use samples that have one.',
      exit: 'usage',
    },
    DDA_CALIBRATION_UNMATCHED: {
      message: 'No question of {file} is asked in {reference} of the same plan or pictures',
      next: 'Give the set of people who answered this run, or one with the same plans and pictures: `dda annotate <run> --calibration <file>` writes it.',
      exit: 'usage',
    },
    DDA_CHECKLIST_UNMATCHED: {
      message: 'No checklist is of a sample of {reference}',
      next: 'Give each checklist the `id` of its sample, as in data/samples.jsonl.',
      exit: 'usage',
    },
    DDA_CHECKPOINT_CORRUPT: {
      message: 'Checkpoint {folder} is damaged: {what}',
      next: 'Delete it; the run continues from the checkpoint before it.',
    },
    DDA_CURATE_ALL_MASKED: {
      message:
        'all {count} rollouts that were tried are masked, so nothing was measured; the first by {stage}: {message} ({code})',
      next: '{advice}',
    },
    'DDA_DATA_CORRUPT/manifest': {
      message: '{manifest} is not the record of the data: {problem}',
      next: 'Delete it and run `dda synthesize` again.',
    },
    'DDA_DATA_CORRUPT/sample': {
      message: 'Line {line} of {file} is not a sample: {problem}',
      next: 'Correct the line, or make the data again with `dda synthesize`.',
    },
    'DDA_DATA_CHANGED/samples': {
      message: '{file} was written over while it was read',
      next: 'Run the same command again; what was done is kept where the samples are the same.',
    },
    DDA_DATA_DUPLICATE: {
      message: 'Lines {first} and {line} of {file} are both sample "{sample}"',
      next: 'Remove one of the lines or give it an id of its own, or make the data again with `dda synthesize`.',
    },
    'DDA_CONFIG_INVALID/filter-band': {
      message: 'no group has a mean reward of at least {minMean} and at most {maxMean}',
      next: 'Lower `train.filter.minMean`, or raise `train.filter.maxMean`.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/filter-group': {
      message: 'groups of one have no spread, so `train.filter` would keep none',
      next: 'Raise `train.groupSize`, or take `train.filter` away.',
      exit: 'usage',
    },
    'DDA_CONFIG_INVALID/group': {
      message:
        'groups of {groupSize} leave {planOnly} members that are asked for their plan alone and {edited} that are edited: each baseline needs two',
      next: 'Raise `train.groupSize`, or move `trainer.streams.planOnly` towards 0.5.',
      exit: 'usage',
    },
    DDA_NO_ANNOTATOR: {
      message: 'No synthesizer of the config writes checklists for samples that exist',
      next: 'Add one to the `synthesizer` list, for example `- use: vlm` with endpoint and model and without images.',
      exit: 'usage',
    },
    DDA_REWARD_NOT_ASKED: {
      message: 'Rollout {rollout} was never asked for the {scope} half of its checklist',
      next: 'Recompute a run with `streams.mode: split` under `split`, or take a run whose members were asked everything.',
    },
    DDA_REWARD_NOTHING: {
      message: 'No rollout of the record has a reward both ways: {masked} are masked{why}',
      next: 'Name a run with rollouts that were scored, or a reward that their verdicts are enough for.',
      exit: 'usage',
    },
    'DDA_REWARD_STREAMS/unknown': {
      message: 'the reward has no stream "{unknown}" to give a weight to',
      next: 'Its streams are {known}.',
      exit: 'usage',
    },
    DDA_SCORE_SAMPLE_TAKEN: {
      message: 'there is a sample {sample} already, and it is another one',
      next: 'Give the sample that comes with the request an id of its own, or none.',
    },
    DDA_SCORE_SAMPLE_UNKNOWN: {
      message: 'there is no sample {sample} in the data of the project',
      next: 'Take the ids from the data that the service was started with (`dda data show`), or send the sample along.',
    },
    'DDA_SYNTHESIZE_NONE/nothing': {
      message: 'No sample came of it, so the samples made before stay as they were',
      next: 'See what the synthesizers say above, and `synthesize` in the configuration, which says what they are asked for.',
    },
    'DDA_SYNTHESIZE_NONE/set-aside': {
      message:
        'No sample came of {count} rows, so the samples made before stay as they were: all were set aside, most of them because: {reason}',
      next: 'Correct the rows or name their columns; {file} has each with its place and reason.',
    },
    DDA_CURATOR_TICKET: {
      message: 'No sample was put away under the ticket {ticket}',
      next: 'Where the curator is yours, give `shelf.take` only tickets that `shelf.put` gave in this curation; `curatorSuite` of the test kit shows the case. Else report it to its author, and leave the curator out till then.',
    },
    DDA_EXPORT_NONE: {
      message: 'None of the {wanted} ids is that of a sample in {from}; nothing was written',
      next: 'Take ids of this project; `dda data show` lists them. With --all those that curation left out are there too.',
      exit: 'usage',
    },
    DDA_EXPORT_STOPPED: {
      message: 'The export was stopped; nothing was written',
      next: 'Run the same command again.',
      exit: 'interrupted',
    },
    DDA_USAGE_EXPORT: {
      message: '{file} names no format that can be written',
      next: 'Let the name end in .jsonl (pictures in a folder beside it) or .parquet (pictures inside).',
      exit: 'usage',
    },
    'DDA_DATA_MISSING/curate': {
      message: 'There are no samples at {path}',
      next: 'Make them with `dda synthesize`.',
      exit: 'usage',
    },
    'DDA_DATA_MISSING/gone': {
      message: 'The data lack {count} samples of {run}, for example {first}',
      next: 'Restore the data that the run was made with, or evaluate again.',
      exit: 'usage',
    },
    'DDA_DATA_MISSING/held-out': {
      message: 'There is no sample to evaluate',
      next: 'Ask for held-out samples with synthesize.count.held-out and run `dda synthesize` again.',
      exit: 'usage',
    },
    'DDA_DATA_MISSING/samples': {
      message: 'There are no samples at {path}',
      next: 'Make them with `dda synthesize`.',
      exit: 'usage',
    },
    'DDA_DATA_MISSING/split': {
      message: '{file} holds no samples of the {split} split',
      next: 'Ask for some with synthesize.count.{split} in the config and run `dda synthesize` again.',
      exit: 'usage',
    },
    DDA_DATA_STALE: {
      message: '{curated} was curated from other samples than {samples} holds',
      next: 'Run `dda curate` again, or delete the curated file to use all samples.',
      exit: 'usage',
    },
    DDA_INTERNAL: {
      message: '{message}',
      next: 'Run the same command again; if it fails again, report it with this message.',
    },
    DDA_NO_DEMONSTRATIONS: {
      message: 'No sample of {file} has a demonstration to imitate',
      next: 'Use a synthesizer that writes demonstrations, or train by reinforcement alone.',
      exit: 'usage',
    },
    DDA_NO_SYNTHESIZER: {
      message: 'The config names no synthesizer',
      next: 'Add one to the `synthesizer` list of the config, for example `- use: tabletop`.',
      exit: 'usage',
    },
    DDA_NO_WARM_START: {
      message: 'The trainer {plugin} offers no supervised warm start',
      next: 'Train without `--stage sft`, or choose a trainer that offers one.',
      exit: 'usage',
    },
    DDA_PLAN_NOT_RECORDED: {
      message: 'The recorded run has no plan for sample {sample}',
      next: 'Evaluate the recorded run on the same samples first.',
    },
    DDA_RUN_CONFIG_CHANGED: {
      message: '{runDir} was begun with other settings: {keys}',
      next: 'Name a new run with --name; or restore those settings, `data` by the samples that it began with; or continue all the same with --allow-config-change.',
      exit: 'usage',
    },
    'DDA_RUN_CORRUPT/changed': {
      message: '{path} was changed before the oldest checkpoint of the run',
      next: 'Restore the file from a copy, or begin a new run under another name.',
    },
    'DDA_RUN_CORRUPT/shape': {
      message: '{path} is not the record that stands there: {problem}',
      next: 'Restore the file, or delete the folder of the run and start it again.',
    },
    DDA_RUN_CORRUPT: {
      message: '{path} is not JSON',
      next: 'Restore the file from a copy, or begin a new run under another name.',
    },
    DDA_RUN_LOCKED: {
      message: '{runDir} is in use by {who}',
      next: 'Wait for it to end or choose another run name.',
    },
    DDA_RUN_LOST: {
      message: '{runDir} was taken over by another process while this one worked on it',
      next: 'Let that one go on; this one stood still for so long that it was taken for dead.',
    },
    DDA_RUN_NAME: {
      message: '"{name}" is no name of a run',
      next: 'Begin it with a letter or a digit and use letters, digits, `.`, `_` and `-`, 200 bytes at most; `dda runs` lists what there is.',
      exit: 'usage',
    },
    DDA_RUN_READ_ONLY: {
      message: '{runDir} may not be written by this user, or is on a disk for reading',
      next: 'Make the folder writable, or set `runs.dir` to one that is.',
    },
    DDA_RUN_MISSING: {
      message: 'There is no run at {runDir}',
      next: 'List the runs with `dda runs`.',
      exit: 'usage',
    },
    'DDA_SLOT_EMPTY/benchmark': {
      message: 'The configuration names no benchmark',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
