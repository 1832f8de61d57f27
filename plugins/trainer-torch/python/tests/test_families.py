"""Families other than Qwen's: what a model is named decides nothing, so what holds for Qwen has to hold for them."""

import json
import shutil

import pytest
import torch
from conftest import Bench
from other_families import build_family
from transformers import AutoModelForImageTextToText, AutoProcessor

from dda_torch.errors import TrainerError
from dda_torch.model import loading

FAMILIES = ("llava", "gemma3", "idefics3")
LORA = {"lora": {"rank": 4, "alpha": 8.0}, "freezeVision": True}


@pytest.fixture(scope="module", params=FAMILIES)
def model(request, tmp_path_factory):
    return build_family(tmp_path_factory.mktemp(request.param), request.param)


def test_a_step_is_on_policy_and_changes_adapters_alone(model, pictures):
    made = Bench(model, pictures, {**LORA, "kl": {"place": "reward", "coefficient": 0.1}})
    assert made.opened["model"]["multimodal"]
    before = made.weights()
    metrics = made.step()
    assert metrics["policy/ratio-max"] == pytest.approx(1, abs=1e-4)
    assert metrics["kl/reference"] == pytest.approx(0, abs=1e-5)
    assert metrics["gradient/norm"] > 0
    changed = {name for name, value in made.weights().items() if not torch.equal(value, before[name])}
    assert changed and all(".lora_" in name or name.startswith("critic.") for name in changed)
    assert not any("vision" in name for name in changed)


def test_i14_a_plan_does_not_depend_on_its_batch(model, pictures):
    """Pictures of three sizes, and prompts with two of them and with none."""
    made = Bench(model, pictures, {"rollout": {"concurrency": 8}, "maxPlan": 12})
    prompts = [*made.prompts(), {**made.prompts()[0], "sampleId": "two", "images": pictures[:2]}, {**made.prompts()[1], "sampleId": "none", "images": []}]
    requests = [{"id": str(i), "prompt": prompt, "seed": i, "temperature": 1.0} for i, prompt in enumerate(prompts)]
    together, alone = {}, {}
    made.call("plan", {"requests": requests}, event=lambda data: together.__setitem__(data["id"], data))
    for request in requests:
        made.call("plan", {"requests": [request]}, event=lambda data: alone.__setitem__(data["id"], data))
    for name, each in alone.items():
        assert together[name]["ids"] == each["ids"]
        assert together[name]["logProbs"] == pytest.approx(each["logProbs"], abs=1e-4)
    # A picture is read, not passed over.
    other = {**requests[0], "prompt": {**requests[0]["prompt"], "images": [pictures[2]]}}
    made.call("plan", {"requests": [other]}, event=lambda data: alone.__setitem__("other", data))
    assert alone["other"]["logProbs"] != alone["0"]["logProbs"]


def test_a_demonstration_ends_as_the_template_ends_a_turn(model, pictures, tmp_path):
    """Gemma's chat turns end with another token than its sequences; both end a plan."""
    made = Bench(model, pictures, LORA)
    tokenizer = made.learner.tokenizer
    turn = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert made.learner.encoder.response("red", "s", 10)[-1] == turn
    # The same folder with another end of sequence, and the turn's end in its generation config.
    shutil.copytree(model, tmp_path / "other")
    config = json.loads((tmp_path / "other/tokenizer_config.json").read_text())
    (tmp_path / "other/tokenizer_config.json").write_text(json.dumps({**config, "eos_token": "<|endoftext|>"}))
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")
    (tmp_path / "other/generation_config.json").write_text(json.dumps({"eos_token_id": [end, turn]}))
    other = Bench(tmp_path / "other", pictures, LORA)
    assert other.learner.tokenizer.eos_token_id == end and {end, turn} <= other.learner.stop_ids
    assert other.learner.encoder.response("red", "s", 10)[-1] == turn


def test_transformers_loads_the_export(model, pictures, tmp_path):
    made = Bench(model, pictures, LORA)
    made.step()
    made.call("export", {"folder": str(tmp_path)})
    AutoModelForImageTextToText.from_pretrained(tmp_path)
    assert AutoProcessor.from_pretrained(tmp_path).tokenizer.vocab_size == made.learner.tokenizer.vocab_size


def test_a_family_whose_package_is_missing_is_a_coded_error():
    def load():
        raise ImportError("Package `num2words` is required to run SmolVLM processor")

    with pytest.raises(TrainerError, match="num2words") as error:
        loading._from_hub("somebody/smol", load)
    assert error.value.code == "DDA_MODEL_UNSUPPORTED" and "pip install" in error.value.next
