"""OpenRLHF's SingleTurnAgentExecutor asks for rewards. Arguments: project, data of `dda export --to openrlhf --text-only`. Prints JSON."""

import asyncio
import inspect
import json
import os
import sys
from pathlib import Path

from openrlhf.utils.agent import SingleTurnAgentExecutor
from plans import samples

project, folder = sys.argv[1:]
demonstrations = {sample["id"]: sample["demonstration"] for sample in samples(project)}
rows = [json.loads(line) for line in Path(folder, "train.jsonl").read_text().splitlines()]
executor = SingleTurnAgentExecutor(os.environ["DDA_REWARD_URL"] + "/get_reward")


def ask(row: dict) -> object:
    prompt = row["input"][-1]["content"]
    given = {
        "queries_list": [f"{prompt}{demonstrations[row['label']]}<eos>"],
        "prompts_list": [prompt],
        "labels_list": [row["label"]],
    }
    names = inspect.signature(executor._fetch_rewards_via_http).parameters
    return asyncio.run(executor._fetch_rewards_via_http(*[given.get(name) for name in names]))


scored = [row for row in rows if "remove" not in demonstrations[row["label"]]][0]
masked = [row for row in rows if "remove" in demonstrations[row["label"]]][0]
said = {"label": scored["label"], "scored": ask(scored)}
try:
    said["masked"] = ask(masked)
except Exception as error:
    said["masked"] = f"{type(error).__name__}: {error}"
print(json.dumps(said), file=sys.__stdout__)
