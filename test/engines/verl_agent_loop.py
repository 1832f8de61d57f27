"""Our agent loop on verl's own SingleTurnAgentLoop, over data of `dda export --to verl --text-only`; of verl only the server that writes
plans is replaced. Arguments: project, data. Prints one line of JSON."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import verl
from hydra import compose, initialize_config_dir
from plans import byte_tokenizer, samples
from transformers import LlamaConfig
from verl.experimental.agent_loop.agent_loop import DictConfigWrap
from verl.utils.dataset.rl_dataset import RLHFDataset
from verl.workers.rollout.replica import TokenOutput

from dda_reward.verl_agent_loop import DdaSingleTurnAgentLoop

project, folder = sys.argv[1:]
tokenizer = byte_tokenizer()
model = tempfile.mkdtemp()
tokenizer.save_pretrained(model)
LlamaConfig(vocab_size=len(tokenizer)).save_pretrained(model)
demonstrations = {sample["id"]: sample["demonstration"] for sample in samples(project)}


def configuration(*more: str):
    overrides = Path(folder, "overrides.txt").read_text().splitlines()
    overrides += [f"actor_rollout_ref.model.path={model}", "actor_rollout_ref.rollout.name=vllm", "data.filter_overlong_prompts=false"]
    with initialize_config_dir(os.path.join(os.path.dirname(verl.__file__), "trainer/config"), version_base=None):
        return compose("ppo_trainer", overrides=[*overrides, *more])


class Writer:
    """Stands where verl has its inference servers."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def generate(self, **_: object) -> TokenOutput:
        ids = tokenizer(self.text, add_special_tokens=False)["input_ids"]
        return TokenOutput(token_ids=[*ids, tokenizer.eos_token_id], log_probs=[-0.5] * (len(ids) + 1))


async def run(row: dict, text: str, config):
    given = [DictConfigWrap(config), Writer(text), tokenizer, None, RLHFDataset, DictConfigWrap(config.data)]
    return await DdaSingleTurnAgentLoop(*given).run({"temperature": 1.0}, **row)


async def main() -> dict:
    config = configuration("trainer.use_v1=true")
    data = RLHFDataset(data_files=config.data.train_files, tokenizer=tokenizer, config=config.data, processor=None)
    rows = [data[at] for at in range(len(data))]
    named = [(row, row["extra_info"]["dda_sample"]) for row in rows]
    row, name = next(one for one in named if "remove" not in demonstrations[one[1]])
    masked, other = next(one for one in named if "remove" in demonstrations[one[1]])
    output = await run(row, demonstrations[name], config)
    try:
        await run(row, demonstrations[name], configuration("trainer.use_v1=false"))
        refused = None
    except RuntimeError as error:
        refused = str(error)
    return {
        "sample": name,
        "text": tokenizer.decode(output.response_ids, skip_special_tokens=True),
        "demonstration": demonstrations[name],
        "score": output.reward_score,
        "mask": [len(output.response_ids), sum(output.response_mask), len(output.response_logprobs or [])],
        "extras": output.extra_fields["reward_extra_info"],
        "masked": await run(masked, demonstrations[other], config),
        "refused": refused,
    }


print(json.dumps(asyncio.run(main())), file=sys.__stdout__)
