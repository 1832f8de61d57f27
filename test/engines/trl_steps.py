"""TRL's GRPOTrainer for a few steps. Arguments: project, data of `dda export --to trl --text-only`. Prints one line of JSON."""

import json
import sys
import tempfile

from datasets import load_dataset
from plans import plan_tokenizer, samples, tiny_llama
from trl import GRPOConfig, GRPOTrainer

from dda_reward.trl import reward_functions

project, folder = sys.argv[1:]
tokenizer = plan_tokenizer([sample["demonstration"] for sample in samples(project)])
config = GRPOConfig(
    output_dir=tempfile.mkdtemp(),
    max_steps=4,
    num_generations=4,
    per_device_train_batch_size=16,
    # One token is a whole plan.
    max_completion_length=1,
    multi_objective_aggregation="normalize_then_sum",
    # The logs that the test reads are kept for one step by default.
    log_completions=True,
    num_completions_to_print=1,
    logging_steps=1,
    save_strategy="no",
    report_to="none",
    use_cpu=True,
    disable_tqdm=True,
    seed=3,
)
streams = ["cognitive", "visual", "format"]
rows = []


class Watched(GRPOTrainer):
    def log(self, logs, *arguments, **named):
        for at, completion in enumerate(self._logs["completion"]):
            rewards = [self._logs["rewards"][stream][at] for stream in streams]
            rows.append(
                {
                    "step": self.state.global_step,
                    "completion": completion if isinstance(completion, str) else completion[-1]["content"],
                    "rewards": [None if value is None or value != value else value for value in rewards],
                    "advantage": self._logs["advantages"][at],
                }
            )
        super().log(logs, *arguments, **named)


trainer = Watched(
    tiny_llama(len(tokenizer)),
    reward_functions(streams),
    args=config,
    train_dataset=load_dataset("parquet", data_files=f"{folder}/train.parquet", split="train"),
    processing_class=tokenizer,
)
trainer.train()
print(json.dumps({"steps": trainer.state.global_step, "rows": rows}), file=sys.__stdout__)
