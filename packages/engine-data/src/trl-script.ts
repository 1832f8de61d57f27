/**
 * A training script for data written by `trlWriter`: a place to start from, complete but for the model. What it reads of the data set and of
 * the reward is all that DDA-Thinker asks of one.
 */
export function trlScript(streams: readonly string[]): string {
  const names = JSON.stringify(streams).replaceAll(',', ', ')
  return `"""GRPO with TRL on data of DDA-Thinker. Start \`dda serve\`, set DDA_REWARD_URL, then: python train.py <model>"""

import sys
from pathlib import Path

from datasets import load_dataset
from dda_reward.trl import reward_functions
from trl import GRPOConfig, GRPOTrainer

here = Path(__file__).parent
train = load_dataset("parquet", data_files=str(here / "train.parquet"), split="train")

# normalize_then_sum is GDPO: each stream of the reward is normalised in its group before they are added.
config = GRPOConfig(
    output_dir=str(here / "output"),
    num_generations=8,
    per_device_train_batch_size=8,
    max_completion_length=1024,
    multi_objective_aggregation="normalize_then_sum",
    reward_weights=[1.0] * ${streams.length},
    save_steps=25,
    report_to="none",
)
GRPOTrainer(sys.argv[1], reward_functions(${names}), args=config, train_dataset=train).train()
`
}
