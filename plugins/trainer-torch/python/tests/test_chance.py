"""Nothing in training is left to chance: an unchanged policy scores a plan as it did when it wrote it, whatever its family."""

import pytest
import torch
import transformers as hf
from torch import nn
from tiny_model import TEXT
from wire_options import wire_options

from dda_torch.errors import TrainerError
from dda_torch.model import loading
from dda_torch.settings import Settings

SIZES = dict(vocab_size=64, hidden_size=32, num_hidden_layers=4, num_attention_heads=4)
# Each family names its chances its own way, reads them from its config or its modules, and applies them where it likes.
FAMILIES = {
    "opt": hf.OPTConfig(vocab_size=64, hidden_size=32, num_hidden_layers=4, ffn_dim=48, num_attention_heads=4, word_embed_proj_dim=32, dropout=.5, attention_dropout=.5, layerdrop=.5),
    "biogpt": hf.BioGptConfig(**SIZES, intermediate_size=48, hidden_dropout_prob=.5, attention_probs_dropout_prob=.5, layerdrop=.5, activation_dropout=.5),
    "falcon": hf.FalconConfig(**SIZES, hidden_dropout=.5, attention_dropout=.5),
    "bloom": hf.BloomConfig(vocab_size=64, hidden_size=32, n_layer=4, n_head=4, hidden_dropout=.5, attention_dropout=.5),
    "mixtral": hf.MixtralConfig(**TEXT | dict(vocab_size=64), num_local_experts=4, num_experts_per_tok=2, router_jitter_noise=.5, attention_dropout=.5),
    "gpt2": hf.GPT2Config(vocab_size=64, n_embd=32, n_layer=4, n_head=4, resid_pdrop=.5, embd_pdrop=.5, attn_pdrop=.5),
    "gpt_neox": hf.GPTNeoXConfig(**SIZES, intermediate_size=48, hidden_dropout=.5, attention_dropout=.5),
    "phi": hf.PhiConfig(**SIZES, intermediate_size=48, resid_pdrop=.5, embd_pdrop=.5, attention_dropout=.5),
    "xglm": hf.XGLMConfig(vocab_size=64, d_model=32, num_layers=4, attention_heads=4, ffn_dim=48, dropout=.5, attention_dropout=.5, activation_dropout=.5, layerdrop=.5),
    "qwen2": hf.Qwen2Config(**TEXT | dict(vocab_size=64), attention_dropout=.5),
}


@pytest.fixture(params=FAMILIES)
def folder(request, tmp_path):
    torch.manual_seed(0)
    hf.AutoModelForCausalLM.from_config(FAMILIES[request.param]).save_pretrained(tmp_path)
    return tmp_path


def states(network):
    return network(input_ids=torch.arange(1, 13).unsqueeze(0), use_cache=False).logits


@pytest.mark.parametrize("again", [True, False], ids=["checkpointed", "kept"])
@pytest.mark.parametrize("lora", [None, {"rank": 4}], ids=["full", "lora"])
def test_learning_sees_what_sampling_saw(folder, again, lora):
    if lora is not None and hf.AutoConfig.from_pretrained(folder).model_type == "gpt2":
        pytest.skip("its layers are not linear modules, which adapters refuse by name")
    given = wire_options(model=str(folder), gradientCheckpointing=again, lora=lora, dtype="float32")
    settings = Settings.from_json({**given, "seed": 1})
    network = loading.prepare(loading.load_network(str(folder), settings, torch.float32, 1), settings, 1)
    with torch.no_grad():
        sampled = states(network.eval())
        network.train()
        torch.manual_seed(3)
        assert not torch.allclose(states(network), sampled, atol=1e-3), "without care there would be chance"
    for seed in (1, 2):
        torch.manual_seed(seed)
        loading.set_learning(network)
        learnt = states(network)
        assert torch.allclose(learnt, sampled, atol=1e-5)
        network.zero_grad()
        learnt.square().mean().backward()
        gradient = [p.grad.clone() for p in network.parameters() if p.grad is not None]
        if seed == 2:
            assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(gradient, first, strict=True))
        first = gradient
    assert first and any(bool(g.abs().sum() > 0) for g in first)


def test_checkpointed_layers_keep_no_activations():
    config = FAMILIES["opt"]
    saved = {}
    for again in (True, False):
        network = hf.AutoModelForCausalLM.from_config(config)
        if again:
            loading.checkpoint_layers(network)
        loading.set_learning(network)
        kept = []
        with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor.numel()) or tensor, lambda tensor: tensor):
            states(network)
        saved[again] = sum(kept)
    assert saved[True] < saved[False] / 2


def test_a_model_whose_layers_cannot_is_a_coded_error():
    class Plain(hf.PreTrainedModel):
        config_class = hf.GPT2Config

        def __init__(self, config):
            super().__init__(config)
            self.layer = nn.Linear(2, 2)
            self.post_init()

    with pytest.raises(TrainerError) as error:
        loading.checkpoint_layers(Plain(hf.GPT2Config()))
    assert error.value.code == "DDA_CONFIG_INVALID" and error.value.data["location"] == "gradientCheckpointing"
