import { ERRORS_PAGE, errorTable } from './error-table.ts'

/** The errors of the contract: what this package throws, and what every role of a kind throws alike. */
export const errors = errorTable(
  {
    'DDA_METRIC_NOT_FINITE/update': {
      message: 'the metric {metric} is {value} after the update',
      next: 'Lower the learning rate and resume from the last checkpoint.',
    },
    'DDA_PLUGIN_ROLE/member': {
      message: 'The {kind} of plugin {plugin} has no usable `{member}`: {due} is due, {got} is there.',
      next: 'Give it all that its type in the plugin API asks for; the suite of its kind in the test kit finds what is missing.',
    },
    'DDA_PLUGIN_ROLE/stream': {
      message: 'What `{call}` of plugin {plugin} returns is {got}, and no stream.',
      next: 'Make it `async *{call}(...)` and `yield` each result; the suite of its kind in the test kit shows the case.',
    },
    'DDA_PLUGIN_SETUP/argument': {
      message: 'Plugin {plugin} calls api.{call} wrongly: {due}.',
      next: 'Correct that call in the `setup` of the plugin; what each call takes is in docs/plugins.md, under "The contract".',
    },
    DDA_REWARD_INVALID: {
      message: 'the reward of sample {sample} is not sound: {problem}',
      next: 'Where the reward is yours, mend it: `rewardSuite` of the test kit shows the case. Else report it to its author (`dda plugins` names its package), and take another `reward` till then.',
    },
    'DDA_REWARD_INVALID/astray': {
      message:
        'the reward of sample {sample} has a share of {share} in {stream}, which is no stream that was asked for',
      next: 'Where the reward is yours, name that stream in its `streams`, or let the share belong to one that is; `rewardSuite` of the test kit shows the case. Else report it to its author (`dda plugins` names its package).',
    },
    'DDA_REWARD_STREAMS/unnamed': {
      message: 'the stream "{stream}" of the reward has no value head',
      next: 'With `advantage: gae` name every stream in `trainer.streams.weights`: {streams}.',
      exit: 'usage',
    },
    'DDA_REWARD_STREAMS/none': {
      message: 'the trainer wants the streams of the reward, which cannot be taken apart',
      next: 'Use a reward that names its streams (dual-atomic with `combine: sum`), or leave `trainer.streams` out.',
      exit: 'usage',
    },
    DDA_REWARD_NOT_FINITE: {
      message: 'the reward of sample {sample} is {value} ({share})',
      next: 'Make the reward plugin throw a DdaError where it has no number to give; the rollout is then masked.',
    },
    DDA_VERDICT_UNKNOWN: {
      message: 'item {item} is not in the checklist',
      next: 'A judge answers every item of its scope exactly once; look at the judge named in the verdicts.',
    },
    DDA_VERDICT_DUPLICATE: {
      message: 'item {item} was answered twice',
      next: 'A judge answers every item of its scope exactly once; look at the judge named in the verdicts.',
    },
    DDA_VERDICT_MISSING: {
      message: 'no verdict for {scope} item {items}',
      next: 'A judge answers every item of its scope exactly once; look at the judge named in the verdicts.',
    },
    DDA_ROLE_CLOSED: {
      message: '{role} is not open',
      next: 'Call open() first, and nothing after close(); the engine does so.',
    },
    'DDA_ROLE_CLOSED/used': {
      message: 'the {role} is used before it is opened or after it is closed',
      next: 'Call open() first, and nothing after close().',
    },
    'DDA_STEP_ALL_MASKED/nothing-to-learn': {
      message: 'every rollout of step {step} is masked: there is nothing to learn',
      next: 'Look at the failures of the step in the journal and mend their cause; the run can then be resumed.',
      exit: 'partial',
    },
    'DDA_TRAINER_INPUT/no-input': {
      message: 'the batch has no input for sample {sample}',
      next: 'Pass the inputs of all samples of the rollouts in `batch.inputs`.',
    },
    'DDA_TRAINER_STALE/no-tokens': {
      message: 'the plan of sample {sample} has no tokens to reward',
      next: 'Train on plans of this trainer only; they carry a token trace.',
    },
    'DDA_TRAINER_STALE/rollout': {
      message: 'rollout {rollout} of sample {sample} {problem}',
      next: 'Train on plans of this trainer only, at most `train.maxStaleness` updates old; plan the sample again.',
    },
    DDA_VARIANCE_ZERO: {
      message: 'the returns do not vary, so no variance is there to be explained',
      next: 'Give returns that differ.',
    },
    DDA_WHITEN_MASK: {
      message: 'cannot whiten {count} value{s}: at least 2 are needed',
      next: 'Use larger batches, or turn advantage whitening off.',
    },
  },
  { page: ERRORS_PAGE },
)
