"""What the CUDA benchmarks of trainer-torch share: models of a given size with random weights, rows, and figures."""

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = REPOSITORY / "plugins/trainer-torch/python"
# What the plugin's worker, its tests and the processes that they start import.
PATHS = [str(ROOT), str(ROOT / "tests"), str(REPOSITORY / "packages/python-worker/python")]
sys.path[:0] = PATHS

from PIL import Image  # noqa: E402
from tiny_model import build  # noqa: E402
from wire_options import wire_options  # noqa: E402

from dda_torch.service import Call, Service  # noqa: E402
from dda_torch.training import learner  # noqa: E402

# Shapes of the published checkpoints; weights are random, the tokenizer is the tests' own.
SIZES: dict[str, dict[str, Any]] = {
    "tiny": {},
    # For the CPU: 25 M weights in the text model.
    "small": {"hidden_size": 512, "intermediate_size": 1536, "num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 4096},
    "2b": {"hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8},
    "8b": {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8},
}
# Dense bfloat16 FLOP/s that the makers state.
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "B200": 2250e12, "L40S": 362e12, "RTX 4090": 165e12}


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--size", choices=SIZES, default="8b")
    parser.add_argument("--smoke", action="store_true", help="tiny model, few tokens, on the CPU: does the script run?")
    parser.add_argument("--cpu", action="store_true", help="on the CPU; --size small is for that")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    return parser


def model_folder(size: str, family: str = "qwen3_vl") -> Path:
    """A folder with config and processor of that size, without weights: they are drawn on opening."""
    folder = build(Path(tempfile.mkdtemp(prefix="dda-bench-")), family)
    if not SIZES[size]:
        return folder
    config = json.loads((folder / "config.json").read_text())
    text = config.get("text_config", config)
    text.update(dict(head_dim=128, vocab_size=151_936, max_position_embeddings=32_768) | SIZES[size])
    if "mrope_section" in (text.get("rope_parameters") or {}):
        text["rope_parameters"]["mrope_section"] = [24, 20, 20]
    if "vision_config" in config:
        config["vision_config"].update(
            depth=27, hidden_size=1152, intermediate_size=4304, num_heads=16, out_hidden_size=text["hidden_size"],
            deepstack_visual_indexes=[8, 16, 24], num_position_embeddings=2304,
        )
        (folder / "processor_config.json").write_text(
            (folder / "processor_config.json").read_text().replace('"longest_edge": 16384', '"longest_edge": 1048576')
        )
    for file in folder.glob("*.safetensors*"):
        file.unlink()
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def open_service(folder: Path, given: argparse.Namespace, **options: Any) -> Service:
    on_cpu = given.smoke or given.cpu
    if on_cpu:
        torch.set_num_threads(1)
    elif not torch.cuda.is_available():
        sys.exit("There is no CUDA device here. Use --smoke to see whether the script runs, or --cpu --size small.")
    device = torch.device("cpu" if on_cpu else "cuda")
    drawn_on(device)
    service = Service(device)
    settings = wire_options(model=str(folder), weights="random", deterministic=False, **options)
    opened = service.call("open", {"options": settings, "seed": 1, "role": "trainer"}, Call())
    print(f"{opened['model']['class']}, {opened['model']['parameters'] / 1e9:.2f} G parameters, "
          f"{opened['model']['trainable'] / 1e6:.1f} M trained, {opened['dtype']} on {machine(device)}", file=sys.stderr)
    print(opened["memory"]["line"], file=sys.stderr)
    return service


def drawn_on(device: torch.device) -> None:
    """Random weights are drawn on the device: eight billion of them take minutes on a CPU, and are no part of a figure."""
    if device.type == "cpu":
        return
    load = learner.load_network

    def load_there(*given: Any) -> Any:
        with device:
            return load(*given)

    learner.load_network = load_there


def prompts(count: int, words: int, edge: int) -> list[dict[str, Any]]:
    """Prompts with one picture of edge * edge pixels each."""
    folder = Path(tempfile.mkdtemp(prefix="dda-bench-"))
    made = []
    for i in range(count):
        path = folder / f"{i}.png"
        Image.effect_noise((edge, edge), 50 + i).convert("RGB").save(path)
        made.append({"sampleId": f"s{i}", "instruction": f"{i} " + "make the red blue " * words, "images": [{"hash": str(path), "path": str(path)}]})
    return made


def machine(device: torch.device) -> str:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return f"{name}, torch {torch.__version__}"


def peak_flops(device: torch.device) -> float | None:
    if device.type != "cuda":
        return None
    return next((peak for name, peak in PEAKS.items() if name in torch.cuda.get_device_name(device)), None)


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def finish(figures: dict[str, Any], device: torch.device, file: Path | None) -> None:
    text = json.dumps({"device": device.type, "machine": machine(device), **figures}, indent=1)
    print(text)
    if file is not None:
        file.write_text(text + "\n")
