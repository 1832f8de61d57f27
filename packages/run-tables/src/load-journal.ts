import type { DuckDBConnection } from '@duckdb/node-api'

/** What of a journal's lines the tables need; DuckDB passes over everything else in them. */
const LINE = `{
  type: 'VARCHAR', step: 'INTEGER', thinker: 'VARCHAR', tokens: 'INTEGER',
  policyVersion: 'INTEGER', scored: 'INTEGER', gated: 'INTEGER', masked: 'INTEGER', reward: 'DOUBLE',
  rollout: 'STRUCT(
    id VARCHAR, sampleId VARCHAR, "group" VARCHAR, member INTEGER, asked VARCHAR[],
    plan STRUCT(reasoning VARCHAR, executable VARCHAR, format STRUCT(ok BOOLEAN, problem VARCHAR), thinker VARCHAR,
      policyVersion INTEGER, seed BIGINT),
    edit STRUCT(image STRUCT(hash VARCHAR, width INTEGER, height INTEGER), seed BIGINT, editor VARCHAR, cost STRUCT(money DOUBLE)),
    verdicts STRUCT(itemId VARCHAR, answer VARCHAR, probability DOUBLE, reason VARCHAR, judge VARCHAR)[],
    reward STRUCT(total DOUBLE, components MAP(VARCHAR, DOUBLE),
      items STRUCT(itemId VARCHAR, scope VARCHAR, passed BOOLEAN, contribution DOUBLE)[], extras MAP(VARCHAR, DOUBLE)),
    outcome STRUCT(kind VARCHAR, reason VARCHAR, failure STRUCT(kind VARCHAR, stage VARCHAR, code VARCHAR, message VARCHAR)))'
}`

const ROLLOUTS = `INSERT INTO rollouts SELECT
  $run, step, thinker, r.id, r.sampleId, r."group", r.member, CASE WHEN r.outcome.kind = 'scored' AND r.reward IS NULL THEN 'not scored' ELSE r.outcome.kind END,
  CASE WHEN r.outcome.kind = 'masked' OR r.reward IS NULL THEN NULL WHEN r.outcome.kind = 'scored' THEN
    coalesce(len(r.reward.items), 0) > 0 AND (r.asked IS NULL OR len(r.asked) = 2)
    AND len([i FOR i IN r.reward.items IF NOT i.passed]) = 0 ELSE false END,
  r.reward.total, r.reward.components, r.reward.extras, r.asked,
  r.plan.executable, r.plan.reasoning, tokens, r.plan.format.ok, r.plan.format.problem, r.plan.thinker, r.plan.policyVersion, r.plan.seed,
  r.edit.image.hash, r.edit.image.width, r.edit.image.height, r.edit.seed, r.edit.editor, r.edit.cost.money,
  CASE r.outcome.kind WHEN 'gated' THEN r.outcome.reason END,
  r.outcome.failure.kind, r.outcome.failure.stage, r.outcome.failure.code, r.outcome.failure.message
FROM (SELECT step, thinker, tokens, rollout AS r FROM lines WHERE type = 'rollout')`

const ITEMS = `INSERT INTO items SELECT
  $run, a.step, a.thinker, a.id, a.sampleId, a.v.itemId, coalesce(c.scope, a.i.scope), c.question, c.expected, c.critical,
  a.v.answer, coalesce(a.v.answer = c.expected, a.i.passed), a.v.probability, a.v.reason, a.v.judge, a.i.contribution
FROM (
  SELECT step, thinker, id, sampleId, v, [i FOR i IN items IF i.itemId = v.itemId][1] AS i
  FROM (
    SELECT step, thinker, rollout.id AS id, rollout.sampleId AS sampleId, rollout.reward.items AS items, unnest(rollout.verdicts) AS v
    FROM lines WHERE type = 'rollout'
  )
) a LEFT JOIN checklist c ON c.sample_id = a.sampleId AND c.item_id = a.v.itemId`

const STEPS = `INSERT INTO steps SELECT
  $run, step, max(policyVersion), max(scored), max(gated), max(masked), max(reward), NULL, NULL, NULL
FROM lines WHERE type = 'step' GROUP BY step ORDER BY step`

/**
 * Fills `rollouts`, `items` and `steps` from a journal. Lines that are torn or broken are passed over.
 *
 * @returns lines that were read
 */
export async function loadJournal(connection: DuckDBConnection, run: string, path: string): Promise<number> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE lines AS SELECT * FROM
     read_json($path, format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864, columns = ${LINE})
     WHERE type IS NOT NULL`,
    { path: literalPath(path) },
  )
  for (const sql of [ROLLOUTS, ITEMS, STEPS]) await connection.run(sql, { run })
  const counted = await (await connection.run('SELECT count(*) FROM lines')).getRowsJson()
  await connection.run('DROP TABLE lines')
  return Number(counted[0]?.[0])
}

/** DuckDB expands `*`, `?`, `[` in paths; a class of one character is that character. */
export function literalPath(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]')
}
