"""verl's NaiveRewardManager and its RewardLoopManager on a local Ray, with our compute_score, over data of
`dda export --to verl --text-only`. Arguments: project, data. Prints one line of JSON."""

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import ray
import torch
import verl
from hydra import compose, initialize_config_dir
from plans import byte_tokenizer, samples
from transformers import LlamaConfig
from verl import DataProto
from verl.experimental.reward_loop.reward_loop import RewardLoopManager
from verl.trainer.ppo.reward import load_reward_manager
from verl.utils.dataset.rl_dataset import RLHFDataset

project, folder = sys.argv[1:]
tokenizer = byte_tokenizer()
model = tempfile.mkdtemp()
tokenizer.save_pretrained(model)
LlamaConfig(vocab_size=len(tokenizer)).save_pretrained(model)

overrides = Path(folder, "overrides.txt").read_text().splitlines()
overrides += [f"actor_rollout_ref.model.path={model}", "reward.num_workers=2", "data.filter_overlong_prompts=false"]
with initialize_config_dir(os.path.join(os.path.dirname(verl.__file__), "trainer/config"), version_base=None):
    config = compose("ppo_trainer", overrides=overrides)
data = RLHFDataset(data_files=config.data.train_files, tokenizer=tokenizer, config=config.data, processor=None)
demonstrations = {sample["id"]: sample["demonstration"] for sample in samples(project)}
rows = [data[at] for at in range(len(data))]
works = [row for row in rows if "remove" not in demonstrations[row["extra_info"]["dda_sample"]]]
masked = [row for row in rows if row not in works]


def batch(chosen: list[dict], text: str | None = None) -> DataProto:
    """What a policy that writes the demonstration (or the text) would hand to the reward."""
    texts = [text or demonstrations[row["extra_info"]["dda_sample"]] for row in chosen]
    ids = tokenizer(texts, return_tensors="pt", padding=True, padding_side="right")
    facts = ["data_source", "reward_model", "extra_info"]
    given = {name: np.array([row[name] for row in chosen], dtype=object) for name in facts}
    prompts = torch.zeros((len(chosen), 1), dtype=torch.long)
    attention = torch.cat([torch.ones_like(prompts), ids["attention_mask"]], dim=1)
    return DataProto.from_single_dict(
        {"prompts": prompts, "responses": ids["input_ids"], "attention_mask": attention, **given}
    )


naive = load_reward_manager(config, tokenizer)
one = naive.loop.run_until_complete(naive.run_single(batch(works[:1])))
said = {"naive": {"manager": type(naive).__name__, **one, "sample": works[0]["extra_info"]["dda_sample"]}}
try:
    naive.loop.run_until_complete(naive.run_single(batch(masked[:1])))
except Exception as error:
    said["naive"]["masked"] = f"{type(error).__name__}: {error}"

path = os.pathsep.join(sys.path)
for tries in range(5, 0, -1):
    try:
        # Ray gives a node 30 s to come up, whatever it is told, and a busy machine may need more than one go.
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": path}})
        break
    except Exception:
        if tries == 1:
            raise
        ray.shutdown()
loop = RewardLoopManager(config)
# Three rows on two workers: verl repeats the first to fill up.
scores = loop.compute_rm_score(batch(works[:3]))
said["loop"] = {
    "rewards": scores.batch["rm_scores"].sum(dim=1).tolist(),
    "extras": {name: scores.non_tensor_batch[name].tolist() for name in scores.meta_info["reward_extra_keys"]},
    "samples": [row["extra_info"]["dda_sample"] for row in works[:3]],
}
try:
    loop.compute_rm_score(batch([works[0], masked[0]]))
except Exception as error:
    said["loop"]["masked"] = str(error)
ray.shutdown()
print(json.dumps(said), file=sys.__stdout__)
