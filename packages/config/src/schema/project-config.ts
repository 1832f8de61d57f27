import { type Static, Type } from '@dda-thinker/plugin-api'

const closed = { additionalProperties: false } as const

/** A plugin named in a config. Keys beside `use` and `id` are the plugin's own options and are checked by its schema. */
export const PluginBlock = Type.Object(
  {
    use: Type.String({ minLength: 1, description: 'Path, package, or short name of the plugin.' }),
    id: Type.Optional(Type.String({ description: 'Tells two uses of the same plugin apart.' })),
  },
  { additionalProperties: true },
)

const seconds = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, default: value, description })

/** The config of a project. Defaults are filled by ajv; every key has one meaning and unknown keys are errors. */
export const ProjectConfigSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, default: 'project' }),
    seed: Type.Integer({ minimum: 0, default: 1, description: 'Everything random follows from it.' }),
    data: Type.Object({ dir: Type.String({ default: 'data' }) }, { ...closed, default: {} }),
    runs: Type.Object(
      {
        dir: Type.String({ default: 'runs' }),
        pack: Type.Union([Type.Boolean(), Type.Literal('large')], {
          default: 'large',
          description:
            'Pack the journal of a run that has finished, as `dda runs pack` does: a fifth to a twentieth of its size. ' +
            '`large`: where it has 16 MB or more.',
        }),
      },
      { ...closed, default: {} },
    ),
    plugins: Type.Array(PluginBlock, { default: [], description: 'Plugins that only tap hooks.' }),
    synthesizer: Type.Array(PluginBlock, { default: [] }),
    curator: Type.Array(PluginBlock, { default: [] }),
    thinker: Type.Optional(PluginBlock),
    editor: Type.Optional(PluginBlock),
    judge: Type.Array(PluginBlock, { default: [] }),
    reward: Type.Optional(PluginBlock),
    trainer: Type.Optional(PluginBlock),
    benchmark: Type.Array(PluginBlock, { default: [], description: 'Benchmarks, for `dda benchmark`.' }),
    tracker: Type.Array(PluginBlock, {
      default: [],
      description: 'Where metrics and pictures go: they tap hooks, too.',
    }),
    synthesize: Type.Object(
      {
        count: Type.Object(
          {
            train: Type.Integer({ minimum: 0, default: 1000 }),
            'held-out': Type.Integer({ minimum: 0, default: 200 }),
          },
          { ...closed, default: {} },
        ),
      },
      { ...closed, default: {} },
    ),
    train: Type.Object(
      {
        steps: Type.Integer({ minimum: 1, default: 100 }),
        samplesPerStep: Type.Integer({ minimum: 1, default: 32 }),
        groupSize: Type.Integer({ minimum: 1, default: 4, description: 'Rollouts of each sample in a step.' }),
        temperature: Type.Number({ exclusiveMinimum: 0, default: 1 }),
        checkpointEvery: Type.Integer({ minimum: 1, default: 25, description: 'Steps between checkpoints.' }),
        keepCheckpoints: Type.Integer({ minimum: 1, default: 2 }),
        maxStaleness: Type.Integer({
          minimum: 0,
          maximum: 1,
          default: 0,
          description:
            'Updates by which a plan may be older than the policy that learns from it; with 1 the next step is sampled, edited and judged beside an update.',
        }),
        order: Type.String({
          enum: ['shuffle', 'curriculum', 'prioritized'],
          default: 'curriculum',
          description:
            'curriculum: easy samples first in the first pass, shuffled afterwards. prioritized: shuffled, and what was solved lately comes seldom.',
        }),
        filter: Type.Optional(
          Type.Object(
            {
              minStd: Type.Number({
                minimum: 0,
                default: 0.01,
                description: 'Least standard deviation of the rewards of a group, or of one stream of them.',
              }),
              minMean: Type.Optional(Type.Number({ description: 'Least mean reward of a group.' })),
              maxMean: Type.Optional(Type.Number({ description: 'Greatest mean reward of a group.' })),
              refills: Type.Integer({
                minimum: 0,
                default: 2,
                description: 'How often a step draws further samples in place of groups without signal.',
              }),
            },
            { ...closed, description: 'Learn only from groups with a signal. Default: from all.' },
          ),
        ),
      },
      { ...closed, default: {} },
    ),
    engine: Type.Object(
      {
        concurrency: Type.Object(
          {
            edit: Type.Optional(
              Type.Integer({
                minimum: 1,
                description: 'Most edits at once. Default: as many as the Editor has places for.',
              }),
            ),
            judge: Type.Optional(
              Type.Integer({
                minimum: 1,
                description: 'Most requests at once to each judge. Default: as many as it has places for.',
              }),
            ),
          },
          { ...closed, default: {} },
        ),
        deadline: Type.Object(
          {
            // A service's own time-outs and repetitions come first; this ends what they do not.
            plan: seconds(1800, 'Seconds from plan to plan, all repetitions of calls included.'),
            edit: seconds(5400, 'Seconds for one edit, all repetitions included.'),
            judge: seconds(900, 'Seconds for one judgement, all repetitions included.'),
            call: seconds(21_600, 'Seconds that any call of a plugin may last while no plugin does anything else.'),
            tap: seconds(900, 'Seconds for one tap of a plugin on one noun.'),
          },
          { ...closed, default: {} },
        ),
        gate: Type.Object(
          {
            enabled: Type.Boolean({
              default: false,
              description: 'Do not edit plans that fail a critical cognitive item.',
            }),
            audit: Type.Number({
              minimum: 0,
              maximum: 1,
              default: 0.05,
              description: 'Fraction of gated plans edited anyway.',
            }),
          },
          { ...closed, default: {} },
        ),
      },
      { ...closed, default: {} },
    ),
    budget: Type.Object(
      {
        money: Type.Optional(Type.Number({ minimum: 0, description: 'In the currency of the prices.' })),
        edits: Type.Optional(Type.Integer({ minimum: 0, description: 'Edits bought; those from the cache are free.' })),
        judgeTokens: Type.Optional(
          Type.Integer({ minimum: 0, description: 'Tokens to and from judges, as their servers count them.' }),
        ),
        seconds: Type.Optional(
          Type.Number({ minimum: 0, description: 'Wall clock of all sessions of a run together.' }),
        ),
      },
      {
        ...closed,
        default: {},
        description: 'What one run may spend, however often it is continued. Default: no limit.',
      },
    ),
    eval: Type.Object(
      {
        split: Type.String({ enum: ['train', 'held-out'], default: 'held-out' }),
        confidence: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.95 }),
        limit: Type.Optional(Type.Integer({ minimum: 1, description: 'Evaluate only the first so many samples.' })),
        editors: Type.Optional(
          Type.Record(Type.String({ minLength: 1 }), PluginBlock, {
            description: 'Further Editors by name, each a block like `editor`; `dda eval` evaluates under all of them.',
          }),
        ),
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, $id: 'https://dda-thinker.dev/schema/config.json' },
)

export type ProjectConfig = Static<typeof ProjectConfigSchema>
export type PluginBlockConfig = Static<typeof PluginBlock>
