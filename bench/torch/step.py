"""A whole step, rollouts and update, beside TRL's GRPOTrainer: same text model, prompts, group size and most tokens.

TRL has no PPO with a critic any more, so both sides run GRPO without a KL term. Needs `pip install trl`.

    python bench/torch/step.py                            # on a CUDA machine
    python bench/torch/step.py --smoke                    # tiny, on the CPU
"""

import tempfile
import time

from common import arguments, finish, model_folder, open_service, synchronise

from dda_torch.service import Call


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=8, help="a step")
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--plan", type=int, default=256)
    given = parser.parse_args()
    if given.smoke:
        given.size, given.prompts, given.group, given.plan = "tiny", 2, 2, 6
    folder = model_folder(given.size, "qwen2")
    texts = [f"{i} make the red blue" for i in range(given.prompts)]
    service = open_service(
        folder, given, maxPlan=given.plan, lora={"rank": 4 if given.smoke else 64}, kl={"place": "off"}, advantage="grpo",
        rollout={"concurrency": given.prompts * given.group}, miniBatch=given.prompts * given.group, attention="sdpa",
    )
    ours = [our_step(service, texts, given.group, step) for step in range(given.repeats + 1)]
    device = service.device
    theirs = trl_steps(service, folder, texts, given)
    median = [sorted(each[1:])[len(each[1:]) // 2] for each in (ours, theirs)]
    finish({
        "size": given.size, "plans a step": given.prompts * given.group, "most tokens of a plan": given.plan,
        "ours, seconds": round(median[0], 3), "TRL, seconds": round(median[1], 3), "TRL / ours": round(median[1] / median[0], 2),
    }, device, given.json)


def our_step(service, texts: list[str], group: int, step: int) -> float:
    requests = [
        {"id": f"{i}-{k}", "seed": step * 10_000 + i * 100 + k, "temperature": 1.0, "prompt": {"sampleId": str(i), "instruction": text, "images": []}}
        for i, text in enumerate(texts) for k in range(group)
    ]
    plans = {}
    synchronise(service.device)
    started = time.perf_counter()
    service.call("plan", {"requests": requests}, Call(event=lambda plan: plans.__setitem__(plan["id"], plan)))
    keep = ("ids", "logProbs", "values", "ends", "policyVersion")
    rows = [
        {"rolloutId": r["id"], "group": r["prompt"]["sampleId"], "prompt": r["prompt"], **{k: plans[r["id"]][k] for k in keep},
         "temperature": 1.0, "rewards": [0.0] * (len(plans[r["id"]]["ids"]) - 1) + [reward(plans[r["id"]]["text"])]}
        for r in requests
    ]
    service.call("update", {"step": step, "rows": rows}, Call())
    synchronise(service.device)
    return time.perf_counter() - started


def reward(text: str) -> float:
    return text.count("e") / (len(text) + 1)


def trl_steps(service, folder, texts: list[str], given) -> list[float]:
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoTokenizer, TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    from dda_torch.model.loading import load_network
    from dda_torch.model.policy import dtype_of

    settings, device = service.learner.settings, service.device
    with device:
        network = load_network(str(folder), settings, dtype_of(settings, device), 1)
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *args, **kwargs):
            synchronise(device)
            self.started = time.perf_counter()

        def on_step_end(self, *args, **kwargs):
            synchronise(device)
            times.append(time.perf_counter() - self.started)

    config = GRPOConfig(
        output_dir=tempfile.mkdtemp(), per_device_train_batch_size=given.prompts * given.group, num_generations=given.group,
        max_completion_length=given.plan, max_steps=given.repeats + 1, beta=0.0, report_to=[], save_strategy="no", logging_strategy="no",
        use_cpu=device.type == "cpu", bf16=device.type == "cuda", gradient_checkpointing=True, disable_tqdm=True,
    )
    trainer = GRPOTrainer(
        model=network, args=config, processing_class=AutoTokenizer.from_pretrained(folder), callbacks=[Clock()],
        reward_funcs=lambda completions, **_: [reward(c if isinstance(c, str) else c[0]["content"]) for c in completions],
        train_dataset=Dataset.from_list([{"prompt": [{"role": "user", "content": text}]} for text in texts * 50]),
        peft_config=LoraConfig(r=settings.lora.rank, lora_alpha=settings.lora.alpha, target_modules="all-linear"),
    )
    trainer.train()
    return times


if __name__ == "__main__":
    main()
