/** A column of a table. */
export interface TableColumn {
  readonly name: string
  /** DuckDB's name of its type. */
  readonly type: string
  /** What it holds, for people. */
  readonly meaning: string
}

/** A table that queries can read. */
export interface TableSpec {
  readonly name: string
  /** What a row is. */
  readonly row: string
  readonly columns: readonly TableColumn[]
}

function column(name: string, type: string, meaning: string): TableColumn {
  return { name, type, meaning }
}

const RUN = column('run', 'VARCHAR', 'name of the run')
const STEP = column('step', 'INTEGER', 'training step; 0 outside training')
const THINKER = column('thinker', 'VARCHAR', 'evaluations: which of the compared Thinkers')

/** Every table, in the order in which they are shown and exported. What is not known is NULL, never 0. */
export const TABLES: readonly TableSpec[] = [
  {
    name: 'runs',
    row: 'a run',
    columns: [
      RUN,
      column('task', 'VARCHAR', 'train, imitate, evaluate or benchmark'),
      column('state', 'VARCHAR', 'running, interrupted, stopped, failed or finished'),
      column('created', 'VARCHAR', 'ISO 8601'),
      column('seed', 'BIGINT', 'seed of everything random'),
      column('step', 'INTEGER', 'steps done, or rollouts of an evaluation'),
      column('steps', 'INTEGER', 'of how many'),
      column('editor', 'VARCHAR', 'fingerprint of the Editor'),
      column('trainer', 'VARCHAR', 'fingerprint of the trainer'),
      column('reward', 'VARCHAR', 'fingerprint of the reward decomposition'),
      column('data_sha256', 'VARCHAR', 'of the samples it was made from'),
    ],
  },
  {
    name: 'samples',
    row: 'a sample of the data as they are now, or of a run that brought its own',
    columns: [
      column('sample_id', 'VARCHAR', 'unique in the project'),
      column('split', 'VARCHAR', 'train or held-out'),
      column('category', 'VARCHAR', 'for example temporal, causal'),
      column('subtask', 'VARCHAR', 'finer than the category'),
      column('instruction', 'VARCHAR', 'what the user asks for'),
      column('reference', 'VARCHAR', 'the ideal edited scene in words'),
      column('source_hash', 'VARCHAR', 'SHA-256 of the first source picture'),
      column('reference_hash', 'VARCHAR', 'SHA-256 of the reference picture'),
      column('items', 'INTEGER', 'items of the checklist'),
      column('difficulty', 'DOUBLE', 'share of rollouts that solved it when it was curated'),
    ],
  },
  {
    name: 'rollouts',
    row: 'a rollout: one trip of a sample through plan, edit and judge',
    columns: [
      RUN,
      STEP,
      THINKER,
      column('rollout_id', 'VARCHAR', 'unique in the run'),
      column('sample_id', 'VARCHAR', 'joins with samples'),
      column('group_id', 'VARCHAR', 'rollouts of one sample in one step'),
      column('member', 'INTEGER', 'position in the group, from 0'),
      column('outcome', 'VARCHAR', 'scored, gated, masked, or not scored: nothing here rewards benchmarks'),
      column('solved', 'BOOLEAN', 'scored, and every item asked and passed; NULL where there is no reward'),
      column('reward', 'DOUBLE', 'total; NULL where masked or not scored'),
      column('components', 'MAP(VARCHAR, DOUBLE)', 'named components, unweighted, each in [0, 1]'),
      column('extras', 'MAP(VARCHAR, DOUBLE)', 'weighted shares of the reward that belong to no item'),
      column('asked', 'VARCHAR[]', 'halves of the checklist it was asked; NULL: both'),
      column('plan', 'VARCHAR', 'the part that the Editor is told'),
      column('reasoning', 'VARCHAR', 'the part that explains'),
      column('plan_tokens', 'INTEGER', 'tokens of the plan, where its maker counted them'),
      column('format_ok', 'BOOLEAN', 'has the plan the shape it was asked for?'),
      column('format_problem', 'VARCHAR', 'why not'),
      column('policy', 'VARCHAR', 'fingerprint of the Thinker that planned'),
      column('policy_version', 'INTEGER', 'updates the policy had seen'),
      column('plan_seed', 'BIGINT', 'what the plan was sampled with'),
      column('edit_hash', 'VARCHAR', 'SHA-256 of the edited picture'),
      column('edit_width', 'INTEGER', 'pixels'),
      column('edit_height', 'INTEGER', 'pixels'),
      column('edit_seed', 'BIGINT', "the Editor's"),
      column('editor', 'VARCHAR', 'fingerprint of the Editor'),
      column('edit_money', 'DOUBLE', 'what this edit cost, where that is known'),
      column('gated_reason', 'VARCHAR', 'why nothing was edited'),
      column('failure_kind', 'VARCHAR', 'masked: timeout, refusal …'),
      column('failure_stage', 'VARCHAR', 'masked: plan, edit, judge or reward'),
      column('failure_code', 'VARCHAR', 'masked: code of the error'),
      column('failure_message', 'VARCHAR', 'masked: in words'),
    ],
  },
  {
    name: 'items',
    row: 'a checklist item that a judge answered about a rollout',
    columns: [
      RUN,
      STEP,
      THINKER,
      column('rollout_id', 'VARCHAR', 'joins with rollouts, within a run'),
      column('sample_id', 'VARCHAR', 'joins with samples'),
      column('item_id', 'VARCHAR', 'unique within its sample'),
      column('scope', 'VARCHAR', 'cognitive (about the plan) or visual (about the picture)'),
      column('question', 'VARCHAR', 'NULL where the data no longer have the item'),
      column('expected', 'VARCHAR', 'the answer that passes it'),
      column('critical', 'BOOLEAN', 'a failure sets the score of its scope to 0'),
      column('answer', 'VARCHAR', 'yes, no or unsure'),
      column('passed', 'BOOLEAN', 'the answer is the expected one'),
      column('probability', 'DOUBLE', 'of yes, where the judge gives one'),
      column('reason', 'VARCHAR', 'in words'),
      column('judge', 'VARCHAR', 'fingerprint of the judge'),
      column('contribution', 'DOUBLE', 'share of the reward'),
    ],
  },
  {
    name: 'steps',
    row: 'a training step',
    columns: [
      RUN,
      STEP,
      column('policy_version', 'INTEGER', 'updates that the policy has seen after it'),
      column('scored', 'INTEGER', 'rollouts'),
      column('gated', 'INTEGER', 'rollouts'),
      column('masked', 'INTEGER', 'rollouts'),
      column('reward', 'DOUBLE', 'mean total of what is not masked'),
      column('seconds', 'DOUBLE', 'wall clock of the step'),
      column('rollout_seconds', 'DOUBLE', 'of its rollouts'),
      column('update_seconds', 'DOUBLE', 'of its update'),
    ],
  },
  {
    name: 'metrics',
    row: 'a figure of a training step',
    columns: [
      RUN,
      STEP,
      column('name', 'VARCHAR', 'as in metrics.jsonl, for example reward/mean'),
      column('value', 'DOUBLE', 'the figure'),
    ],
  },
  {
    name: 'spending',
    row: 'what a run spent in a stage at an endpoint',
    columns: [
      RUN,
      column('stage', 'VARCHAR', 'plan, edit, judge …'),
      column('plugin', 'VARCHAR', 'who spent it'),
      column('endpoint', 'VARCHAR', 'base URL; NULL in rows of what the plugin was asked for'),
      column('calls', 'BIGINT', 'exchanges, repetitions included'),
      column('failed', 'BIGINT', 'of them'),
      column('results', 'BIGINT', 'plans, edits, judgements that came'),
      column('money', 'DOUBLE', 'in the currency of the prices'),
      column('input_tokens', 'BIGINT', 'sent'),
      column('output_tokens', 'BIGINT', 'came back'),
      column('ms', 'DOUBLE', 'of the calls, overlapping ones each in full'),
    ],
  },
]
