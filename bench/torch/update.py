"""The PPO update of an 8B-class vision-language policy with LoRA: time, model FLOP utilisation, peak memory.

    python bench/torch/update.py                          # on a CUDA machine; random weights, 2k-token sequences
    python bench/torch/update.py --smoke                  # tiny, on the CPU
"""

import time

import torch
from common import arguments, finish, model_folder, open_service, peak_flops, prompts, synchronise

from dda_torch.service import Call


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--rollouts", type=int, default=64)
    parser.add_argument("--plan", type=int, default=1024, help="tokens of a plan")
    parser.add_argument("--prompt-words", type=int, default=150, help="words of an instruction (about 6 tokens each here)")
    parser.add_argument("--edge", type=int, default=448, help="pixels of a picture's edge")
    parser.add_argument("--micro-batch-tokens", type=int, default=16_384)
    parser.add_argument("--full", action="store_true", help="train all weights instead of adapters")
    parser.add_argument("--no-checkpointing", action="store_true")
    given = parser.parse_args()
    if given.smoke:
        given.size, given.rollouts, given.plan, given.prompt_words, given.edge, given.micro_batch_tokens = "tiny", 4, 8, 2, 64, 256
    service = open_service(
        model_folder(given.size), given, maxPlan=given.plan, miniBatch=given.rollouts, microBatchTokens=given.micro_batch_tokens,
        lora=None if given.full else {"rank": 4 if given.smoke else 64}, kl={"place": "off"}, rollback=False,
        gradientCheckpointing=not given.no_checkpointing, learningRate=1e-6, attention="sdpa",
    )
    learner, device = service.learner, service.device
    allowed = (~learner.policy.forbidden).nonzero().flatten().cpu()
    asked = prompts(max(1, given.rollouts // 8), given.prompt_words, given.edge)
    rows = []
    # Random tokens, not plans of the policy: their ratio is not 1.
    learner.traces_checked = True
    for i in range(given.rollouts):
        ids = allowed[torch.randint(len(allowed), (given.plan,), generator=torch.Generator().manual_seed(i))].tolist()
        rows.append({
            "rolloutId": str(i), "group": str(i // 8), "prompt": asked[i // 8 % len(asked)], "ids": ids, "logProbs": [-10.0] * given.plan,
            "values": [0.0] * given.plan, "ends": list(range(1, given.plan + 1)), "policyVersion": 0,
            "temperature": 1.0, "rewards": [0.0] * (given.plan - 1) + [i % 3 / 2],
        })
    lengths = [len(service._prompt(row["prompt"])) + given.plan for row in rows]
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    times = []
    for repeat in range(given.repeats + 1):
        synchronise(device)
        started = time.perf_counter()
        service.call("update", {"step": repeat, "rows": rows}, Call())
        synchronise(device)
        times.append(time.perf_counter() - started)
    seconds = sorted(times[1:])[len(times[1:]) // 2]
    flops = update_flops(learner, lengths, given.plan, given.full)
    peak = peak_flops(device)
    finish({
        "size": given.size, "rollouts": given.rollouts, "tokens a sequence": sum(lengths) / len(lengths),
        "seconds an update": round(seconds, 3), "tokens/s": round(sum(lengths) / seconds), "model TFLOP": round(flops / 1e12, 3),
        "MFU": None if peak is None else round(flops / seconds / peak, 4),
        "peak memory GiB": round(torch.cuda.max_memory_allocated(device) / 2**30, 2) if device.type == "cuda" else None,
        "note": "MFU counts no recomputation; with adapters no gradients of frozen weights (4 instead of 6 FLOP a weight and token)",
    }, device, given.json)


def update_flops(learner, lengths: list[int], plan: int, full: bool) -> float:
    """Of one pass forward and backward over the rows: 2 FLOP a weight and token forward, as much for the gradient of the
    activations and, in full training, for that of the weights; attention 4 * length^2 * width a layer forward, halved
    because it is causal (Chowdhery et al. 2022, appendix B). The vision tower is left out."""
    base = learner.policy.base
    decoder = sum(p.numel() for name, p in base.get_decoder().named_parameters() if p.dim() == 2 and "embed" not in name and "lora_" not in name)
    head = base.get_output_embeddings().weight.numel()
    config = base.config.get_text_config()
    width = config.num_attention_heads * getattr(config, "head_dim", config.hidden_size // config.num_attention_heads)
    passes = 3 if full else 2
    weights = sum(2 * passes * (decoder * length + head * plan) for length in lengths)
    attention = sum(3 * config.num_hidden_layers * 2 * length**2 * width for length in lengths)
    return float(weights + attention)


if __name__ == "__main__":
    main()
