import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    'DDA_BENCHMARK_RESULTS/other-data': {
      message: '{results} has no answer about any item of {data}',
      next: 'Check that data and results are of the same edition of the benchmark.',
    },
    DDA_EDITOR_DETERMINISM: {
      message: 'The same edit, made twice, gave {what}; the Editor declares {declared}',
      next: 'Declare what is true (determinism: {found}) where the plugin has that option, or make the server deterministic.',
    },
    DDA_EDIT_NONE: {
      message: 'Nothing was edited: {reason}. The plan: {plan}',
      next: 'Try another Thinker (--thinker none sends the instruction itself), or turn engine.gate off.',
    },
    'DDA_FAKE/none': {
      message: '{plugin} brings no stand-in for a server',
      next: 'Take a plugin that calls servers (dda fake editor openai), or use this one as it is.',
      exit: 'usage',
    },
    'DDA_FAKE/address': {
      message: 'Nothing can listen on {host}:{port}: {why}',
      next: 'Give another --port (0: any that is free) or --host.',
      exit: 'usage',
    },
    'DDA_FAKE/which': {
      message: 'The configuration names no {kind}',
      next: 'Name one: dda fake {kind} <plugin>.',
      exit: 'usage',
    },
    'DDA_INTERRUPTED/doctor': {
      message: 'The diagnosis was stopped',
      next: 'Run dda doctor again.',
      exit: 'interrupted',
    },
    'DDA_NEVER_ENDED/module': {
      message: '{file} never ends loading: it waits for something that will never come.',
      next: 'Look for an `await`, or an exported promise, in that file that nothing settles; the same command continues.',
    },
    DDA_NEVER_ENDED: {
      message: 'The command waits for something that will never come.',
      next: 'Report it with the command and the configuration; what was recorded is kept, and the same command continues.',
    },
    'DDA_PLUGIN_KIND/no-benchmark': {
      message: '{use} offers no benchmark',
      exit: 'usage',
    },
    'DDA_RUN_MISSING/no-evaluation': {
      message: 'There is no evaluation in {runsDir} yet.',
      next: 'Run dda eval first.',
      exit: 'usage',
    },
    'DDA_RUN_MISSING/no-spending': {
      message: '{runDir} has no record of what its plugins spent.',
      next: 'Name a run that has ended (dda runs list).',
      exit: 'usage',
    },
    'DDA_RUN_MISSING/no-training': {
      message: 'There is no training run in {runsDir} yet.',
      next: 'Run dda train first, or evaluate others: --thinker none --thinker base.',
      exit: 'usage',
    },
    DDA_RUN_NO_CHECKPOINT: {
      message: 'Run {name} has no checkpoint yet.',
      next: 'Train it further: it writes one every train.checkpointEvery steps, and where it ends. Or name another run (dda runs list).',
      exit: 'usage',
    },
    DDA_UNEXPECTED: {
      message: '{message}',
      next: 'This is a bug, of DDA-Thinker or of a plugin: run the command again with --debug and report what it prints.',
    },
    'DDA_USAGE/arguments': {
      message: '{problem}',
      next: 'See dda --help.',
      exit: 'usage',
    },
    'DDA_USAGE/fake-kind': {
      message: 'There is no kind {kind}.',
      next: 'Name one of: {kinds}.',
      exit: 'usage',
    },
    'DDA_USAGE/fake-share': {
      message: '--share {share} is no chance of a fault.',
      next: 'Give a number from 0 to {most}: it is the chance of each kind of fault.',
      exit: 'usage',
    },
    'DDA_USAGE/fake-to': {
      message: 'A proxy needs the address of a server; --to is "{target}".',
      next: 'Name its base URL: --to http://127.0.0.1:8001/v1.',
      exit: 'usage',
    },
    'DDA_USAGE/no-editor': {
      message: 'There is no Editor to evaluate under.',
      next: 'Name one with --editor.',
      exit: 'usage',
    },
    'DDA_USAGE/no-instruction': {
      message: 'The instruction is empty.',
      next: 'Say what to do with the picture.',
      exit: 'usage',
    },
    'DDA_USAGE/one-evaluation': {
      message: 'One evaluation was given and no other Editor.',
      next: 'Name a second evaluation, or the other Editor with --editor.',
      exit: 'usage',
    },
    DDA_CALIBRATION_ANSWER: {
      message: 'The verdict of {plugin} on a calibration question is unusable: {problem}',
      next: 'Where {plugin} is yours, mend it (`dda plugins` names its file); else report it to its author.',
    },
    'DDA_USAGE/annotate': {
      message: '--export, --import, --calibration and --of each do something else',
      next: 'Give one of them, or none to see how far judges agree with people.',
      exit: 'usage',
    },
    'DDA_USAGE/query': {
      message: 'Give either a query or --export, the folder to write the tables to',
      next: 'Run `dda query "select …"`, or `dda query --export <folder>`; `dda query --tables` lists what there is.',
      exit: 'usage',
    },
    'DDA_USAGE/questions': {
      message: '--questions {questions} is no number of questions.',
      next: 'Give 1 or more.',
      exit: 'usage',
    },
    'DDA_USAGE/since': {
      message: '--since {since} is no time.',
      next: 'Write it as 2026-01-31T10:00:00Z.',
      exit: 'usage',
    },
    'DDA_USAGE/two-evaluations-and-editor': {
      message: 'Two evaluations and --editor were given.',
      next: 'Name two evaluations to compare them, or one and --editor to run its plans under another Editor.',
      exit: 'usage',
    },
    DDA_USAGE_CHECKLIST: {
      message: 'There is no checklist in {file}.',
      next: 'Give the path of a file with one {"id", "checklist"} a line.',
      exit: 'usage',
    },
    DDA_USAGE_IMAGE: {
      message: 'The picture cannot be read: {why}',
      next: 'Give the path of a PNG, JPEG or WebP file, relative to the folder the command is started in.',
      exit: 'usage',
    },
    DDA_USAGE_SAMPLE: {
      message: '{file} has no sample "{id}"',
      next: 'Ids are the `id` of each line; `dda data export` writes them all.',
      exit: 'usage',
    },
    'DDA_USAGE_SAMPLE/empty': {
      message: '{file} is empty',
      next: 'Make samples with `dda synthesize`, or import some with `dda data import`.',
      exit: 'usage',
    },
    'DDA_USAGE_OPTION/column': {
      message: '--column {given} names no role and column',
      next: 'Write it as role=name, for example --column instruction=prompt.',
      exit: 'usage',
    },
    'DDA_USAGE_OPTION/system': {
      message: '--system {file} cannot be read: {why}',
      next: 'Name a text file.',
      exit: 'usage',
    },
    'DDA_USAGE_OPTION/ids': {
      message: '--ids {file} names no sample: {why}',
      next: 'Name a text file with an id of a sample in each line, as `dda view` saves it.',
      exit: 'usage',
    },
    'DDA_USAGE_OPTION/split': {
      message: '--split {name} is no split',
      next: 'Say train or held-out.',
      exit: 'usage',
    },
    DDA_USAGE_OPTION: {
      message: '--{name} is missing',
      next: 'Say with --{name} {what}.',
      exit: 'usage',
    },
    'DDA_USAGE_RECORD/no-evaluation': {
      message: 'Run {name} is no evaluation but `{task}`.',
      next: 'Name an evaluation (dda runs list shows them), or run dda eval.',
      exit: 'usage',
    },
    'DDA_USAGE_RECORD/no-report': {
      message: 'Run {name} is no evaluation, no benchmark and no service but `{task}`.',
      next: 'Name one of them (dda runs list shows them), or run dda eval or dda benchmark run.',
      exit: 'usage',
    },
    'DDA_USAGE_RECORD/unfinished-benchmark': {
      message: 'Benchmark {name} has no figures yet.',
      next: 'Continue it with the command that began it.',
      exit: 'usage',
    },
    'DDA_USAGE_RECORD/no-training': {
      message: 'Run {name} (`{task}`) is no training by reinforcement with the options of PPO.',
      next: 'Name a training (dda runs list shows them); for a trainer with other options say --set trainer.advantage=rloo.',
      exit: 'usage',
    },
    DDA_USAGE_ROLLOUT: {
      message: 'There is no rollout {id} in {where}.',
      next: 'Take an id from journal.jsonl or the report (<step>/<sample>/<member>), and name the run with --run.',
      exit: 'usage',
    },
    'DDA_USAGE_RECORD/no-thinker': {
      message: 'Evaluation {name} has no Thinker `{thinker}`.',
      next: 'It has {thinkers}: write {name}/<thinker>.',
      exit: 'usage',
    },
    'DDA_USAGE_THINKER/no-block': {
      message: '`{name}` needs a {key}, and the configuration names none.',
      next: 'Add a `{key}` block, or evaluate other Thinkers with --thinker.',
      exit: 'usage',
    },
    'DDA_USAGE_THINKER/unknown': {
      message: '`{name}` is no Thinker.',
      next: 'Use none, base, trained, thinker or run:<id> (dda runs list shows the ids).',
      exit: 'usage',
    },
  },
  { page: ERRORS_PAGE },
)
