import { ERRORS_PAGE, errorTable } from '@dda-thinker/plugin-api'

/** Every error of this package; docs/reference/errors.md is printed from it. */
export const errors = errorTable(
  {
    DDA_CURATOR_BAD_OUTPUT: {
      message: '{plugin} must decide each sample exactly once: {problem}',
      next: 'Where {plugin} is yours, mend it (`dda plugins` names its file); else report it to its author.',
    },
    DDA_EDIT_NOT_RECORDED: {
      message: 'The record has no edit for sample {sample}',
      next: 'Run the plans of the record again with `dda reedit`.',
    },
    DDA_HOOK_FROZEN: {
      message: 'Plugin {name} tapped `{hook}` after its setup had returned; hooks are frozen by then.',
      next: 'Tap inside setup, and decide inside the tap whether there is anything to do.',
      exit: 'usage',
    },
    DDA_HOOK_ORDER_LOOP: {
      message: 'The taps of `{hook}` cannot be ordered: {loop}.',
      next: 'Take one `before` or `after` out of the circle.',
      exit: 'usage',
    },
    DDA_HOOK_ORDER_UNKNOWN: {
      message: 'Plugin {tap} taps `{hook}` {relation} {other}, but no plugin {other} taps that hook.{didYouMean}',
      next: 'Add {other} to the configuration, or take it out of `{relation}`.',
      exit: 'usage',
    },
    DDA_HOOK_RESULT: {
      message: 'The tap of plugin {name} on `{hook}` {problem}.',
      next: 'Return a changed copy that keeps every id, or nothing.',
      exit: 'usage',
    },
    DDA_HOOK_UNKNOWN: {
      message: 'Plugin {name} taps `{hook}`, which is no hook.{didYouMean}',
      next: 'See docs/plugins.md for the hooks there are.',
      exit: 'usage',
    },
    DDA_INTERRUPTED: {
      message: 'The run was asked to stop',
      next: 'Run the same command again; it continues where it stopped.',
      exit: 'interrupted',
    },
    DDA_JUDGE_ITEM_UNCOVERED: {
      message: 'No judge of the config answers item "{item}" of sample {sample}',
      next: 'Add a judge for all {scope} items (for example judge-vlm) behind the ones that answer only some.',
    },
    DDA_JUDGE_SCOPE_UNCOVERED: {
      message: 'No judge of the config answers {scopes} items',
      next: 'Add a judge that covers the scope to the `judge` list of the config.',
      exit: 'usage',
    },
    'DDA_METRIC_NOT_FINITE/step': {
      message: 'Step {step}: the metric {metric} is {value}',
      next: 'Lower the learning rate or look at the rewards of this step; the last checkpoint is from before it.',
    },
    DDA_PLUGIN_DUPLICATE: {
      message: 'Two plugins are called {name}: {first} and {second}.',
      next: 'Give one of the blocks an `id` of its own.',
      exit: 'usage',
    },
    DDA_PLUGIN_FAILED: {
      message: 'Plugin {plugin} failed{where}{sample}: {why}',
      next: 'See the cause: it is what the plugin threw.',
    },
    DDA_PLUGIN_ROLE: {
      message: 'Plugin {plugin} made {got} where {due} was due.',
      next: 'Return an object from the function given for {role}.',
    },
    'DDA_PLUGIN_SETUP/async': {
      message: 'The setup of plugin {name} returned a promise; it may only declare.',
      next: "Move the work into the role's open().",
    },
    'DDA_PLUGIN_SETUP/late': {
      message: 'Plugin {name} called api.{what} after its setup had returned.',
      next: 'Declare everything inside setup.',
    },
    'DDA_PLUGIN_STUCK/deadline': {
      message: 'The tap of {name} on `{hook}` took longer than {seconds} s',
      next: 'Raise engine.deadline.tap in the config, or look at why the tap hangs.',
    },
    DDA_PLUGIN_STUCK: {
      message: 'Plugin {plugin} never ends its call {call}: {why}.',
      next: 'Let that call resolve or reject in every case, or report it to the author of {plugin}; the same command continues.',
    },
    DDA_ROLE_UNKNOWN: {
      message: 'No plugin of this run provided that object.',
      next: 'Ask only about objects got from resolve() or all().',
    },
    DDA_SAMPLE_INVALID: {
      message: '{plugin} made a sample ("{sample}") that cannot be used: {problem}',
      next: 'Where {plugin}, or a plugin that taps the synthesize hook, is yours, mend it: `synthesizerSuite` and `hookSuite` of the test kit show the case. Else report it to its author (`dda plugins` names its file).',
    },
    DDA_SLOT_EMPTY: {
      message: 'No plugin provides the {slot}.',
      next: 'Add a `{slot}: { use: ... }` block to the configuration.',
      exit: 'usage',
    },
    DDA_SLOT_TAKEN: {
      message: 'Both {first} and {second} provide the {slot}; there is exactly one.',
      next: 'Take one of the two out of the configuration.',
      exit: 'usage',
    },
    DDA_STEP_ALL_MASKED: {
      message: 'All {count} rollouts of step {step} failed{why}',
      next: 'Repair what failed and run the same command again; it continues from the last checkpoint.',
      exit: 'partial',
    },
    DDA_THINKER_BAD_OUTPUT: {
      message: 'A plan for sample {sample} is unusable: {problem}',
      next: 'Where the Thinker, or a plugin that taps the plan hook, is yours, mend it: `thinkerSuite` and `hookSuite` of the test kit show the case. Else report it to its author (`dda plugins` names its file).',
    },
    DDA_TOO_FEW_IMAGES: {
      message: 'The sample has {count} images; the Editor needs {least}',
      next: 'Leave such samples out, or choose an Editor that needs fewer images.',
    },
    DDA_TOO_MANY_IMAGES: {
      message: 'The sample has {count} images; the Editor takes {most}',
      next: 'Leave such samples out, or choose an Editor that takes more images.',
    },
    DDA_BUDGET_EDITS: {
      message: "The run's budget of {limit} edits is used up",
      next: 'Raise budget.edits and run the same command again; it continues where it stopped.',
      exit: 'budget',
    },
    DDA_BUDGET_JUDGE_TOKENS: {
      message: "The run's budget of {limit} judge tokens is used up",
      next: 'Raise budget.judgeTokens and run the same command again; it continues where it stopped.',
      exit: 'budget',
    },
    DDA_BUDGET_MONEY: {
      message: "The run's budget of {limit} of money is used up",
      next: 'Raise budget.money and run the same command again; it continues where it stopped.',
      exit: 'budget',
    },
    DDA_BUDGET_SECONDS: {
      message: "The run's budget of {limit} seconds is used up",
      next: 'Raise budget.seconds and run the same command again; it continues where it stopped.',
      exit: 'budget',
    },
    DDA_DEADLINE_EDIT: {
      message: '{what} took longer than {seconds} s',
      next: 'Raise engine.deadline.edit in the config, or look at why the call hangs.',
    },
    DDA_DEADLINE_JUDGE: {
      message: '{what} took longer than {seconds} s',
      next: 'Raise engine.deadline.judge in the config, or look at why the call hangs.',
    },
    DDA_DEADLINE_PLAN: {
      message: '{what} took longer than {seconds} s',
      next: 'Raise engine.deadline.plan in the config, or look at why the call hangs.',
    },
    DDA_DISPOSE_FAILED: {
      message: "{count} of the plugins' endings failed:\n{each}",
      next: 'Everything else was closed; see the cause for each error.',
    },
    DDA_EDITOR_BAD_OUTPUT: {
      message: '{plugin} {problem}',
      next: 'Where {plugin} is yours, mend it (`dda plugins` names its file); else report it to its author.',
    },
    DDA_JUDGE_BAD_OUTPUT: {
      message: 'The {scope} verdicts on sample {sample} are unusable: {problem}',
      next: 'Where {plugin} is yours, mend it (`dda plugins` names its file); else report it to its author.',
    },
    DDA_JUDGE_UNMEASURED: {
      message: 'Item "{item}" of sample {sample} can be measured by no judge: {why}',
      next: 'Add a judge for all {scope} items behind the ones that measure, or have the Editor give pictures of the source’s shape.',
    },
    DDA_THINKER_INCOMPLETE: {
      message: '{plugin} ended without a plan for sample {sample}',
      next: 'Where {plugin} is yours, mend it (`dda plugins` names its file); else report it to its author.',
    },
  },
  { page: ERRORS_PAGE },
)
