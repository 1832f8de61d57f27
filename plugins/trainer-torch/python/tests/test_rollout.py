"""Plans: I14, streaming, stop rules, what they may contain."""

import pytest
import torch
from PIL import Image

from dda_torch.errors import Aborted, TrainerError
from dda_torch.rollout.text import text_and_ends, utf16


def near(a, b):
    assert a["ids"] == b["ids"] and a["text"] == b["text"] and a["ends"] == b["ends"]
    assert a["logProbs"] == pytest.approx(b["logProbs"], abs=1e-4)
    assert (a["values"] is None) == (b["values"] is None)
    if a["values"] is not None:
        assert a["values"] == pytest.approx(b["values"], abs=1e-4)


def plan(made, requests):
    events = []
    made.call("plan", {"requests": requests}, event=events.append)
    return {event["id"]: event for event in events}


def requests_of(made, count=3, temperature=1.0):
    return [
        {"id": f"{i}-{k}", "prompt": prompt, "seed": 10 * i + k, "temperature": temperature}
        for i, prompt in enumerate(made.prompts())
        for k in range(count)
    ]


@pytest.mark.parametrize("family", ["qwen2_5_vl", "qwen3_vl", "qwen2_vl", "qwen2"])
def test_i14_a_plan_does_not_depend_on_its_batch(bench, family):
    made = bench(family, rollout={"concurrency": 4}, maxPlan=10)
    torch.nn.init.normal_(made.learner.policy.critic.linear.weight)
    requests = requests_of(made)
    together = plan(made, requests)
    assert len({tuple(each["ids"]) for each in together.values()}) > 5
    for request in requests[::2]:
        near(plan(made, [request])[request["id"]], together[request["id"]])
    # The update sees the same numbers in one padded pass.
    rows = [{"prompt": r["prompt"], "ids": together[r["id"]]["ids"], "temperature": 1.0} for r in requests]
    for row, request in zip(made.call("score", {"rows": rows, "which": "policy"})["rows"], requests):
        assert row["logProbs"] == pytest.approx(together[request["id"]]["logProbs"], abs=1e-4)
        assert row["values"] == pytest.approx(together[request["id"]]["values"], abs=1e-4)


def test_agrees_with_generate_where_nothing_is_random(bench):
    made = bench(maxPlan=8)
    request = requests_of(made, 1, temperature=0.0)[1]
    ours = plan(made, [request])[request["id"]]
    prompt = made.service._prompt(request["prompt"])
    inputs = {"input_ids": torch.tensor([prompt.ids]), **prompt.images, **{k: v[None] for k, v in prompt.per_token.items()}}
    inputs = {name: value.to(made.service.device) for name, value in inputs.items()}
    forbidden = made.learner.policy.forbidden.nonzero().flatten().tolist()
    theirs = made.learner.policy.base.generate(
        **inputs, max_new_tokens=8, do_sample=False, suppress_tokens=forbidden, eos_token_id=made.learner.tokenizer.eos_token_id
    )
    assert ours["ids"] == theirs[0, len(prompt.ids) :].tolist()


def test_plans_leave_when_they_are_finished(bench):
    made = bench(rollout={"concurrency": 2}, maxPlan=5)
    steps, seen = [0], []

    def check():
        steps[0] += 1

    made.call("plan", {"requests": requests_of(made)}, check=check, event=lambda data: seen.append((steps[0], data["id"])))
    assert len(seen) == 9
    # Two places: the first plans leave long before the last ones are begun.
    assert seen[0][0] <= 6 < seen[-1][0]


@pytest.mark.parametrize("most", [1, 2, 4])
def test_memory_that_runs_out_halves_what_is_written_side_by_side(bench, monkeypatch, most):
    made, plain = bench(rollout={"concurrency": 9}), bench(rollout={"concurrency": 9})
    network = made.learner.policy.base.base_model
    forward = network.forward
    calls = [0]

    def limited(*args, **kwargs):
        calls[0] += 1
        # The second token of a plan is the first that needs memory for every row.
        if kwargs["input_ids"].shape[1] == 1 and kwargs["input_ids"].shape[0] > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(*args, **kwargs)

    monkeypatch.setattr(network, "forward", limited)
    warnings, events = [], {}
    made.call("plan", {"requests": requests_of(made)}, warn=warnings.append, event=lambda data: events.__setitem__(data["id"], data))
    assert warnings and warnings[-1] == f"out of memory: {most} plans are written side by side from now on"
    expected = plan(plain, requests_of(plain))
    assert events.keys() == expected.keys()
    for name, each in events.items():
        near(each, expected[name])
    # It stays so.
    before = len(warnings)
    made.call("plan", {"requests": requests_of(made)}, warn=warnings.append)
    assert len(warnings) == before


def test_memory_for_not_even_one_plan_ends_the_rollout(bench, monkeypatch):
    made = bench(rollout={"concurrency": 4})
    network = made.learner.policy.base.base_model

    def fails(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(network, "forward", fails)
    with pytest.raises(TrainerError) as error:
        plan(made, requests_of(made))
    assert error.value.code == "DDA_CUDA_MEMORY" and error.value.data["stage"] == "plan"


def test_an_ended_plan_leaves_its_row(bench):
    made = bench(rollout={"concurrency": 9}, maxPlan=40)
    head = made.learner.policy.base.get_output_embeddings()
    with torch.no_grad():
        # Every state prefers the end of the turn by a little: plans end at different times.
        head.weight[made.learner.tokenizer.eos_token_id] *= 30
    plans = plan(made, requests_of(made))
    lengths = {len(each["ids"]) for each in plans.values()}
    assert len(lengths) > 2
    for each in plans.values():
        assert each["ended"] == (each["ids"][-1] == made.learner.tokenizer.eos_token_id)
        assert "<|im_end|>" not in each["text"] and each["ends"][-1] == utf16(each["text"])
    for request in requests_of(made)[::3]:
        near(plan(made, [request])[request["id"]], plans[request["id"]])


def test_stop_texts_end_a_plan(bench):
    made = bench(rollout={"stop": ["red"], "concurrency": 8}, maxPlan=200)
    for each in plan(made, requests_of(made, 2)).values():
        assert each["ended"] == (each["text"].endswith("red") or each["ids"][-1] == made.learner.tokenizer.eos_token_id)


def test_no_plan_contains_an_image_placeholder(bench):
    made = bench(maxPlan=6)
    forbidden = made.learner.policy.forbidden
    tokenizer = made.learner.tokenizer
    for token in ("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|endoftext|>"):
        assert forbidden[tokenizer.convert_tokens_to_ids(token)]
    assert forbidden[len(tokenizer) :].all() and not forbidden[tokenizer.eos_token_id]
    with torch.no_grad():
        made.learner.policy.base.get_output_embeddings().weight[forbidden] *= 100
    for each in plan(made, requests_of(made)).values():
        assert not forbidden[torch.tensor(each["ids"])].any()


def test_special_tokens_in_a_plan_are_counted(bench):
    made = bench("qwen2", maxPlan=6)
    tokenizer, head = made.learner.tokenizer, made.learner.policy.base.get_output_embeddings()
    turn = tokenizer.convert_tokens_to_ids("<|im_start|>")
    assert not made.learner.policy.forbidden[turn]
    assert all(each["reserved"] == each["ids"].count(turn) for each in plan(made, requests_of(made)).values())
    with torch.no_grad():
        head.weight[turn] *= 100
    plans = plan(made, requests_of(made)).values()
    assert any(each["reserved"] > 0 for each in plans)
    for each in plans:
        assert each["reserved"] == each["ids"].count(turn) and "<|im_start|>" not in each["text"]


def test_sampling_follows_the_distribution(bench):
    made = bench("qwen2", maxPlan=1, rollout={"concurrency": 400}, temperature=0.5)
    with torch.no_grad():
        made.learner.policy.base.get_output_embeddings().weight.mul_(20)
    prompt = made.prompts()[0]
    requests = [{"id": str(i), "prompt": prompt, "seed": i, "temperature": 0.5} for i in range(2000)]
    plans = plan(made, requests)
    counts, probabilities = {}, {}
    for each in plans.values():
        token = each["ids"][0]
        counts[token] = counts.get(token, 0) + 1
        probabilities[token] = torch.tensor(each["logProbs"][0]).exp().item()
    assert len(counts) > 3
    for token, count in counts.items():
        p = probabilities[token]
        assert abs(count / 2000 - p) < 5 * (p * (1 - p) / 2000) ** 0.5 + 1e-3


def test_an_abort_ends_the_rollout(bench):
    made = bench(maxPlan=50)
    left = [5]

    def check():
        left[0] -= 1
        if left[0] < 0:
            raise Aborted()

    with pytest.raises(Aborted):
        made.call("plan", {"requests": requests_of(made)}, check=check)
    assert len(plan(made, requests_of(made, 1))) == 3


def test_one_bad_picture_fails_alone(bench, tmp_path):
    made = bench()
    (tmp_path / "broken.png").write_bytes(b"no picture")
    requests = requests_of(made, 1)
    requests[1]["prompt"] = {**requests[1]["prompt"], "images": [{"hash": "x" * 64, "path": str(tmp_path / "broken.png")}]}
    plans = plan(made, requests)
    assert plans["1-0"]["error"]["reason"] == "DDA_IMAGE_INVALID"
    assert plans["1-0"]["error"]["data"]["kind"] == "bad-input"
    assert all("text" in plans[name] for name in ("0-0", "2-0"))


@pytest.mark.parametrize(
    ("family", "change", "options", "code"),
    [
        ("qwen2", {"images": [{"hash": "a", "path": "a.png"}]}, {}, "DDA_MODEL_TEXT_ONLY"),
        ("qwen2_5_vl", {"instruction": "paint <|image_pad|>"}, {}, "DDA_TRAINER_INPUT"),
        ("qwen2_5_vl", {}, {"maxPrompt": 5}, "DDA_PROMPT_TOO_LONG"),
        ("qwen2_5_vl", {}, {"prompt": {"user": "<|image_pad|> {instruction}"}}, "DDA_IMAGE_PLACEHOLDERS"),
    ],
)
def test_prompts_that_do_not_fit_are_named(bench, family, change, options, code):
    made = bench(family, **options)
    request = requests_of(made, 1)[0]
    request["prompt"] = {**request["prompt"], **change}
    error = plan(made, [request])[request["id"]]["error"]
    assert error["reason"] == code and error["data"]["sampleId"] == "s0" and error["data"]["next"]


def test_several_images_of_different_sizes(bench, pictures):
    made = bench()
    prompt = {"sampleId": "s", "instruction": "mix", "images": pictures}
    encoded = made.service._prompt(prompt)
    assert encoded.images["image_grid_thw"].shape == (3, 3)
    pad = made.learner.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    assert encoded.ids.count(pad) == int(encoded.images["image_grid_thw"].prod(dim=1).sum()) // 4
    both = plan(made, [{"id": "a", "prompt": prompt, "seed": 1, "temperature": 1.0}, *requests_of(made, 1)])
    near(plan(made, [{"id": "a", "prompt": prompt, "seed": 1, "temperature": 1.0}])["a"], both["a"])


@pytest.mark.parametrize("text", ["plain", "Ünïcödé", "a 🙂 b", "日本語 text", ""])
def test_ends_count_utf16_units(bench, text):
    tokenizer = bench("qwen2").learner.tokenizer
    stop = tokenizer.eos_token_id
    ids = [*tokenizer(text, add_special_tokens=False)["input_ids"], stop]
    decoded, ends = text_and_ends(tokenizer, ids, {stop})
    assert decoded == text and ends[-1] == utf16(text) and ends == sorted(ends) and len(ends) == len(ids)
    if text == "a 🙂 b":
        # Four bytes write the face; the last of them ends it, two units further.
        assert ends == [1, 2, 2, 2, 2, 4, 5, 6, 6]


def test_missing_vllm_is_a_coded_error(bench):
    import shutil

    if shutil.which("vllm"):
        pytest.skip("vLLM is installed here")
    with pytest.raises(TrainerError) as error:
        bench(rollout={"engine": "vllm"})
    assert error.value.code == "DDA_VLLM_MISSING"


def test_pictures_with_transparency_are_read(bench, tmp_path):
    made = bench()
    Image.new("RGBA", (64, 64), (1, 2, 3, 4)).save(tmp_path / "a.png")
    prompt = {"sampleId": "s", "instruction": "x", "images": [{"hash": "rgba", "path": str(tmp_path / "a.png")}]}
    assert "text" in plan(made, [{"id": "a", "prompt": prompt, "seed": 1, "temperature": 1.0}])["a"]
