import type { ExternalJob, TrainingSettings } from '@dda-thinker/plugin-api'
import { ignoredOptions } from '@dda-thinker/ppo-options'
import type { VerlOptions } from './options.ts'
import { verlRules } from './verl-rules.ts'

const ESTIMATORS = { gae: 'gae', grpo: 'grpo', rloo: 'rloo', 'reinforce++': 'reinforce_plus_plus' } as const

/** What is set here and by the data, so that an override of one's own would be lost or undo it. */
const OWNED =
  /^\+{0,2}(?:data\.(?:train_files|val_files|train_batch_size|seed|shuffle)|reward\.custom_reward_function\.|trainer\.(?:total_|save_freq|default_local_dir|resume|logger|use_v1|v1\.trainer_mode|val_before_train|test_freq)|actor_rollout_ref\.rollout\.n=)/

/** Why verl would do otherwise than asked; empty where it does as asked. */
export function problemsOf(options: VerlOptions, settings: TrainingSettings): readonly string[] {
  const { groupSize, samplesPerStep, samples, steps, order } = settings
  const { advantage, streams } = options
  const batch = samplesPerStep * groupSize
  const miniBatch = options.miniBatch ?? batch
  const grouped = advantage === 'grpo' || advantage === 'rloo'
  const owned = options.overrides.filter((override) => OWNED.test(override))
  const rules: readonly (readonly [unless: boolean, problem: string])[] = [
    [
      !(advantage === 'gae' && options.pictures),
      '`advantage` gae needs a critic, and for policies with pictures verl 0.9 loads one through `trl.experimental.ppo`, a module that TRL no longer has; set `pictures: false`, or grpo, rloo or reinforce++',
    ],
    [
      streams.mode === 'sum',
      "`streams.mode` normalized (GDPO) ends in verl 0.9's V1 trainer at its first update: it does not hand the streams to its estimator",
    ],
    [
      !grouped || groupSize >= 2,
      `\`advantage\` ${advantage} compares members of a group; set \`train.groupSize\` to 2 or more`,
    ],
    [
      miniBatch % groupSize === 0 && batch % miniBatch === 0,
      `\`miniBatch\` ${miniBatch} has to be whole groups of ${groupSize} that divide the ${batch} rollouts of a step: verl counts prompts`,
    ],
    [
      samples === undefined || samples >= samplesPerStep,
      `\`train.samplesPerStep\` ${samplesPerStep} is more than the ${samples} training samples: verl drops what does not fill a step`,
    ],
    [order !== 'prioritized', '`train.order` prioritized would be ignored; set shuffle or curriculum'],
    [
      samples === undefined || order !== 'curriculum' || steps * samplesPerStep <= samples,
      `\`train.order\` curriculum is shuffled after the first pass over the data, and verl would repeat it; set shuffle`,
    ],
    [!settings.filter, '`train.filter` would be ignored'],
    [settings.maxStaleness === 0, '`train.maxStaleness` 1 would be ignored: the job runs in mode sync'],
    [
      options.ray === undefined || options.storage !== undefined,
      '`storage` is needed with `ray`: a folder that its machines and this one see',
    ],
    [
      options.ray === undefined || options.rewards.url !== undefined || isHere(options.ray.address),
      '`rewards.url` is needed with a cluster elsewhere: what its machines call to reach this one',
    ],
    [owned.length === 0, `\`overrides\` sets what follows from other options: ${owned.join(', ')}`],
  ]
  const ignored = ignoredOptions(options, verlRules(options)).map(({ problem }) => problem)
  return [...ignored, ...rules.filter(([fits]) => !fits).map(([, problem]) => problem)]
}

function isHere(address: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname)
}

export interface VerlPlaces {
  /** Overrides that `writeEngineData` has written. */
  readonly data: readonly string[]
  /** Folder of verl's own checkpoints. */
  readonly checkpoints: string
  /** What a new training begins with; default: the model of the options. */
  readonly model?: string
  /** `global_step_N` to go on from. */
  readonly resume?: string
}

/** Overrides of verl's `ppo_trainer` configuration (0.9.1). */
export function verlConfig(
  options: VerlOptions,
  job: Pick<ExternalJob, keyof TrainingSettings | 'seed'>,
  { data, checkpoints, model = options.model, resume }: VerlPlaces,
): readonly string[] {
  const { clip, kl, advantage } = options
  const actor = 'actor_rollout_ref.actor'
  const rollout = 'actor_rollout_ref.rollout'
  const miniBatch = (options.miniBatch ?? job.samplesPerStep * job.groupSize) / job.groupSize
  const gae = advantage === 'gae'
  return [
    ...data.filter((line) => !/^data\.max_(?:prompt|response)_length=/.test(line)),
    `data.max_prompt_length=${options.maxPrompt}`,
    `data.max_response_length=${options.maxPlan}`,
    `data.train_batch_size=${job.samplesPerStep}`,
    `data.shuffle=${python(job.order === 'shuffle')}`,
    `data.seed=${job.seed % 2 ** 31}`,
    `algorithm.adv_estimator=${ESTIMATORS[advantage]}`,
    `algorithm.gamma=${options.gamma}`,
    `algorithm.lam=${options.lambda}`,
    `algorithm.use_kl_in_reward=${python(kl.place === 'reward')}`,
    `algorithm.kl_ctrl.kl_coef=${kl.place === 'reward' ? kl.coefficient : 0}`,
    `actor_rollout_ref.model.path=${quoted(model)}`,
    `${actor}.ppo_mini_batch_size=${miniBatch}`,
    `${actor}.use_dynamic_bsz=True`,
    `${actor}.ppo_max_token_len_per_gpu=${options.microBatchTokens}`,
    `${actor}.ppo_epochs=${options.epochs}`,
    `${actor}.clip_ratio_low=${clip.low}`,
    `${actor}.clip_ratio_high=${clip.high}`,
    `${actor}.clip_ratio_c=${clip.dual}`,
    `${actor}.entropy_coeff=${options.entropy}`,
    `${actor}.use_kl_loss=${python(kl.place === 'loss')}`,
    `${actor}.kl_loss_coef=${kl.place === 'loss' ? kl.coefficient : 0}`,
    `${actor}.loss_agg_mode=${options.aggregation}`,
    `${actor}.optim.lr=${options.learningRate}`,
    `${actor}.optim.lr_warmup_steps=${options.warmup}`,
    `${actor}.optim.lr_scheduler_type=${options.schedule}`,
    `${actor}.optim.weight_decay=${options.weightDecay}`,
    `${actor}.optim.clip_grad=${options.maxGradientNorm}`,
    // With the model as transformers reads it, for evaluation and for whoever serves it.
    `${actor}.checkpoint.save_contents=[model,optimizer,extra,hf_model]`,
    `${actor}.checkpoint.load_contents=[model,optimizer,extra]`,
    `${rollout}.name=${options.rollout}`,
    `${rollout}.n=${job.groupSize}`,
    `${rollout}.temperature=${job.temperature}`,
    `${rollout}.tensor_model_parallel_size=${options.tensorParallel}`,
    ...(gae
      ? [
          `critic.model.path=${quoted(model)}`,
          `critic.optim.lr=${options.critic.learningRate}`,
          `critic.cliprange_value=${clip.value}`,
          `trainer.critic_warmup=${options.critic.warmup}`,
        ]
      : []),
    `trainer.total_training_steps=${job.steps}`,
    // Passes over the data until the steps are done.
    `trainer.total_epochs=${Math.ceil((job.steps * job.samplesPerStep) / job.samples) + 1}`,
    `trainer.save_freq=${job.checkpointEvery}`,
    `trainer.max_actor_ckpt_to_keep=${job.keepCheckpoints + 1}`,
    ...(gae ? [`trainer.max_critic_ckpt_to_keep=${job.keepCheckpoints + 1}`] : []),
    `trainer.default_local_dir=${quoted(checkpoints)}`,
    `trainer.resume_mode=${resume === undefined ? 'disable' : 'resume_path'}`,
    ...(resume === undefined ? [] : [`trainer.resume_from_path=${quoted(resume)}`]),
    `trainer.nnodes=${options.nodes}`,
    `trainer.n_gpus_per_node=${options.gpus}`,
    // The metrics are read from its lines.
    'trainer.logger=[console]',
    'trainer.use_v1=True',
    'trainer.v1.trainer_mode=sync',
    'trainer.val_before_train=False',
    'trainer.test_freq=-1',
    ...options.overrides,
  ]
}

function python(flag: boolean): string {
  return flag ? 'True' : 'False'
}

/** A text in Hydra's grammar of overrides. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
