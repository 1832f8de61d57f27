"""Tokens a second of streaming rollouts beside plain `generate` of transformers, on the same model and prompts.

    python bench/torch/rollout.py                         # on a CUDA machine: 64 plans side by side
    python bench/torch/rollout.py --smoke                 # tiny, on the CPU
"""

import time

import torch
from common import arguments, finish, model_folder, open_service, prompts, synchronise

from dda_torch.model.batch import left_padded, to_device
from dda_torch.service import Call


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--waves", type=int, default=2, help="plans in all: batch * waves")
    parser.add_argument("--plan", type=int, default=512, help="most tokens of a plan")
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--prompt-words", type=int, default=100)
    parser.add_argument("--edge", type=int, default=448)
    given = parser.parse_args()
    if given.smoke:
        given.size, given.batch, given.plan, given.prompt_words, given.edge, given.group = "tiny", 8, 8, 2, 64, 4
    service = open_service(
        model_folder(given.size), given, maxPlan=given.plan, lora={"rank": 4 if given.smoke else 64}, kl={"place": "off"},
        rollout={"concurrency": given.batch}, gradientCheckpointing=False, attention="sdpa",
    )
    plans = given.batch * given.waves
    asked = prompts(max(1, plans // given.group), given.prompt_words, given.edge)
    requests = [
        {"id": str(i), "prompt": asked[i // given.group % len(asked)], "seed": i, "temperature": 1.0} for i in range(plans)
    ]
    ours, theirs = [], []
    for repeat in range(given.repeats + 1):
        # The two take turns; the first round warms up.
        ours.append(run_ours(service, requests))
        theirs.append(run_generate(service, requests, given.batch, given.plan))
    median = [sorted(each[1:])[len(each[1:]) // 2] for each in (ours, theirs)]
    finish({
        "size": given.size, "side by side": given.batch, "most tokens of a plan": given.plan,
        "ours, tokens/s": round(median[0], 1), "generate, tokens/s": round(median[1], 1), "ours / generate": round(median[0] / median[1], 2),
        "note": "adapters are not merged on either side; generate reads the prompt of every plan, ours that of every group",
    }, service.device, given.json)


def run_ours(service, requests) -> float:
    synchronise(service.device)
    started = time.perf_counter()
    result = service.call("plan", {"requests": requests}, Call())
    synchronise(service.device)
    return result["tokens"] / (time.perf_counter() - started)


@torch.no_grad()
def run_generate(service, requests, batch: int, most: int) -> float:
    learner, device = service.learner, service.device
    learner.policy.eval()
    stop = learner.tokenizer.eos_token_id
    suppressed = learner.policy.forbidden.nonzero().flatten().tolist()
    synchronise(device)
    started, tokens = time.perf_counter(), 0
    for first in range(0, len(requests), batch):
        encoded = [service._prompt(request["prompt"]) for request in requests[first : first + batch]]
        inputs = to_device(left_padded(encoded, [[]] * len(encoded), learner.pad), device)
        made = learner.policy.base.generate(
            **inputs, do_sample=True, temperature=1.0, top_k=0, max_new_tokens=most, eos_token_id=stop, pad_token_id=learner.pad,
            suppress_tokens=suppressed[:50] or None,
        )[:, inputs["input_ids"].shape[1] :]
        ended = (made == stop).long().cumsum(dim=1)
        tokens += int(((ended == 0) | ((ended == 1) & (made == stop))).sum())
    synchronise(device)
    return tokens / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
