"""The worker as a process: handshake, streamed plans, coded failures, cancelling, and several ranks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORKER = Path(os.environ.get("DDA_WORKER_PATH", ROOT.parents[2] / "packages/python-worker/python"))
sys.path.insert(0, str(WORKER))

from tiny_model import build  # noqa: E402
from wire_options import wire_options  # noqa: E402

frames = pytest.importorskip("dda_worker.frames")


class Process:
    def __init__(self, processes=1, device="cpu", script=None):
        many = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] if processes > 1 else []
        path = os.pathsep.join([str(ROOT), str(WORKER)])
        env = {**os.environ, "PYTHONPATH": path, "DDA_TORCH_THREADS": "1", "OMP_NUM_THREADS": "1", "DDA_TORCH_DEVICE": device, "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, *many, *(["-m", "dda_torch"] if script is None else [str(script)])]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, start_new_session=True)
        self.sent = 0
        self.hello = self.read()

    def read(self):
        frame = frames.read_frame(self.process.stdout)
        assert frame is not None, "the worker ended"
        return frame[0]

    def send(self, method, params=None):
        self.sent += 1
        frames.write_frame(self.process.stdin, {"type": "request", "id": self.sent, "method": method, "params": params or {}})
        return self.sent

    def finish(self, number):
        """Events and the end of a request."""
        events = []
        while True:
            header = self.read()
            if header.get("id") != number or header["type"] == "started":
                continue
            if header["type"] in ("result", "error"):
                return events, header
            events.append(header["data"])

    def call(self, method, params=None):
        return self.finish(self.send(method, params))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=120)
        self.process.stdout.close()


@pytest.fixture
def start():
    started = []

    def make(processes=1, device="cpu", script=None):
        started.append(Process(processes, device, script))
        return started[-1]

    yield make
    for each in started:
        if each.process.poll() is None:
            each.close()


@pytest.fixture(scope="module")
def opened_again():
    """One worker for each number of processes, for tests that begin with `open`: starting one takes longer than they do."""
    started = {}

    def give(processes):
        if processes not in started:
            started[processes] = Process(processes)
        return started[processes]

    yield give
    for each in started.values():
        each.close()
    assert [each.process.returncode for each in started.values()] == [0] * len(started)


def options(model, **more):
    given = {"maxPlan": 6, "learningRate": 1e-2, "gradientCheckpointing": False, "kl": {"place": "off"}, **more}
    return wire_options(model=str(model), **given)


def requests(pictures, copies=2, seed=1):
    return [
        {"id": f"{i}-{k}", "seed": seed * 100 + 10 * i + k, "temperature": 1.0,
         "prompt": {"sampleId": f"s{i}", "instruction": "paint it" + " please" * i, "images": [picture]}}
        for i, picture in enumerate(pictures) for k in range(copies)
    ]


def rows(asked, events):
    plans = {event["id"]: event for event in events}
    keep = ("ids", "logProbs", "values", "ends", "policyVersion")
    return [
        {"rolloutId": r["id"], "group": r["id"][0], "prompt": r["prompt"], **{k: plans[r["id"]][k] for k in keep},
         "temperature": r["temperature"], "rewards": [0.0] * (len(plans[r["id"]]["ids"]) - 1) + [sum(plans[r["id"]]["ids"]) % 7 / 7]}
        for r in asked
    ]


def test_a_session(start, models, pictures, tmp_path):
    worker = start()
    capabilities = worker.hello["capabilities"]
    assert worker.hello["name"] == "dda_torch" and capabilities["protocol"] == 4 and capabilities["devices"][0]["kind"] == "cpu"
    _, end = worker.call("probe", {"method": "klInReward", "input": {"scores": [1], "kl": [0.5], "coefficient": 0.1}})
    assert end["data"] == [0.95]
    _, end = worker.call("state")
    assert (end["type"], end["reason"]) == ("error", "DDA_ROLE_CLOSED")
    _, end = worker.call("open", {"options": options("/no/such/model"), "seed": 1, "role": "trainer"})
    assert end["reason"] == "DDA_MODEL_NOT_FOUND" and end["data"]["next"]
    _, opened = worker.call("open", {"options": options(models()), "seed": 1, "role": "trainer"})
    assert opened["type"] == "result" and opened["data"]["model"]["multimodal"]
    # Two calls that wait are merged; each gets its own plans.
    asked = requests(pictures)
    first, second = worker.send("plan", {"requests": asked[:3]}), worker.send("plan", {"requests": asked[3:]})
    events, seen = [], {first: [], second: []}
    ends = {}
    while len(ends) < 2:
        header = worker.read()
        if header["type"] == "event":
            seen[header["id"]].append(header["data"]["id"])
            events.append(header["data"])
        elif header["type"] in ("result", "error"):
            ends[header["id"]] = header
    assert sorted(seen[first]) == [r["id"] for r in asked[:3]] and sorted(seen[second]) == [r["id"] for r in asked[3:]]
    assert ends[first]["data"]["plans"] == 3
    given = {"step": 1, "rows": rows(asked, events)}
    progress, updated = worker.call("update", given)
    assert updated["data"]["policyVersion"] == 1 and progress[-1]["progress"] == {"done": 1, "total": 1}
    assert updated["data"]["weights"] != opened["data"]["weights"]
    _, stale = worker.call("update", {**given, "rows": [{**given["rows"][0], "policyVersion": 7}]})
    assert stale["reason"] == "DDA_TRAINER_STALE" and stale["data"]["sampleId"] == "s0"
    _, saved = worker.call("save", {"folder": str(tmp_path / "c")})
    assert "manifest.json" in saved["data"]["files"]
    _, unknown = worker.call("dance")
    assert unknown["reason"] == "unknown-method"
    worker.close()
    assert worker.process.returncode == 0


def test_a_cancelled_request_ends_and_the_worker_goes_on(opened_again, models, pictures):
    worker = opened_again(1)
    worker.call("open", {"options": options(models(), maxPlan=400), "seed": 1, "role": "trainer"})
    number = worker.send("plan", {"requests": requests(pictures)})
    assert worker.read()["type"] == "started"
    frames.write_frame(worker.process.stdin, {"type": "cancel", "id": number})
    assert worker.finish(number)[1]["reason"] == "cancelled"
    assert worker.call("state")[1]["data"]["policyVersion"] == 0


@pytest.mark.parametrize("processes", [1, 2])
def test_a_device_that_is_not_there_is_a_coded_error(start, models, processes):
    worker = start(processes, "cuda")
    _, end = worker.call("open", {"options": options(models(), device="cuda"), "seed": 1, "role": "trainer"})
    assert (end["type"], end["reason"], end["data"]["location"]) == ("error", "DDA_CONFIG_INVALID", "device")
    assert "sees no CUDA device" in end["message"] and "driver" in end["data"]["next"]
    _, end = worker.call("open", {"options": options(models(), device="cpu"), "seed": 1, "role": "trainer"})
    assert end["type"] == "result", end


@pytest.mark.parametrize("parallel", ["ddp", "fsdp"])
def test_two_ranks_do_what_one_does(opened_again, models, pictures, tmp_path, parallel):
    """A warm start, plans, an update held to its policy, a checkpoint: two processes with gloo beside one."""
    asked, ends = requests(pictures), {}
    for processes in (1, 2):
        worker = opened_again(processes)
        assert worker.hello["capabilities"]["processes"] == processes
        given = options(models(), parallel=parallel, microBatch=1, kl={"place": "reward", "coefficient": 0.1}, lora={"rank": 4} if parallel == "ddp" else None)
        _, opened = worker.call("open", {"options": given, "seed": 1, "role": "trainer"})
        assert opened["type"] == "result", opened
        demonstrations = [{"prompt": asked[i]["prompt"], "text": "red"} for i in (0, 2, 4)]
        _, imitated = worker.call("imitate", {"demonstrations": demonstrations})
        assert imitated["type"] == "result", imitated
        events, planned = worker.call("plan", {"requests": asked})
        assert planned["type"] == "result", planned
        by_id = sorted(events, key=lambda event: event["id"])
        _, updated = worker.call("update", {"step": 1, "rows": rows(asked, events)})
        assert updated["type"] == "result", updated
        assert updated["data"]["metrics"]["kl/reference"] == pytest.approx(0, abs=1e-5)
        again, _ = worker.call("plan", {"requests": requests(pictures, seed=2)})
        _, saved = worker.call("save", {"folder": str(tmp_path / f"{parallel}{processes}")})
        assert saved["type"] == "result", saved
        ends[processes] = (by_id, updated["data"]["metrics"], sorted(again, key=lambda event: event["id"]))
    (one, one_metrics, one_again), (two, two_metrics, two_again) = ends[1], ends[2]
    assert [(p["id"], p["ids"]) for p in one] == [(p["id"], p["ids"]) for p in two]
    assert one_metrics.keys() == two_metrics.keys()
    for name, value in one_metrics.items():
        assert two_metrics[name] == pytest.approx(value, abs=2e-4, rel=1e-3), name
    assert [(p["id"], p["ids"]) for p in one_again] == [(p["id"], p["ids"]) for p in two_again]
    from safetensors.torch import load_file

    a, b = (load_file(tmp_path / f"{parallel}{n}" / "weights.safetensors") for n in (1, 2))
    assert a.keys() == b.keys()
    # Adam's first step is the sign of the gradient: entries whose gradient is rounding noise may differ by two steps.
    for name in a:
        assert (a[name] - b[name]).abs().median() < 1e-5, name


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"critic": {"kind": "model"}},
        {"lora": {"rank": 4}},
        {"advantage": "grpo", "kl": {"place": "loss", "coefficient": 0.1}},
    ],
)
def test_weights_of_several_types_are_shared_by_two_ranks(opened_again, models, pictures, tmp_path, given):
    """Most weights in bfloat16, value heads and adapters in float32: one unit of FSDP takes one type alone."""
    asked, metrics, saved = requests(pictures), {}, {}
    events = []
    for processes in (1, 2):
        worker = opened_again(processes)
        base = {"dtype": "bfloat16", "parallel": "fsdp", "microBatch": 1, "kl": {"place": "reward", "coefficient": 0.1}}
        _, opened = worker.call("open", {"options": options(models(), **{**base, **given}), "seed": 1, "role": "trainer"})
        assert opened["type"] == "result", opened
        planned, done = worker.call("plan", {"requests": asked})
        assert done["type"] == "result", done
        events = events or planned
        if processes == 2:
            assert {e["id"]: e["ids"] for e in planned} == {e["id"]: e["ids"] for e in events}
        _, updated = worker.call("update", {"step": 1, "rows": rows(asked, events)})
        assert updated["type"] == "result", updated
        metrics[processes] = updated["data"]["metrics"]
        folder = tmp_path / f"{processes}"
        _, written = worker.call("save", {"folder": str(folder)})
        assert written["type"] == "result", written
        _, loaded = worker.call("load", {"folder": str(folder)})
        assert loaded["type"] == "result", loaded
        from safetensors.torch import load_file

        saved[processes] = load_file(folder / "weights.safetensors")
    assert metrics[1].keys() == metrics[2].keys()
    for name in ("policy/loss", "reward/mean", "gradient/norm"):
        assert metrics[2][name] == pytest.approx(metrics[1][name], abs=5e-3, rel=5e-2), name
    assert {name: (t.dtype, t.shape) for name, t in saved[1].items()} == {name: (t.dtype, t.shape) for name, t in saved[2].items()}


@pytest.mark.parametrize("given", [{}, {"weights": "random"}, {"lora": {"rank": 4}}, {"critic": {"kind": "model"}, "dtype": "bfloat16"}, "tied"])
def test_sharing_ranks_open_the_policy_that_one_process_opens(opened_again, models, tmp_path, given):
    """Rank 0 alone reads the model; what the others get of it is all of it, tied weights and drawn adapters too."""
    model = build(tmp_path / "tied", "qwen2", text={"tie_word_embeddings": True}) if given == "tied" else models()
    found = []
    for processes in (1, 2):
        worker = opened_again(processes)
        base = options(model, parallel="fsdp", **({} if given == "tied" else given))
        _, opened = worker.call("open", {"options": base, "seed": 3, "role": "trainer"})
        assert opened["type"] == "result", opened
        _, saved = worker.call("save", {"folder": str(tmp_path / str(processes))})
        assert saved["type"] == "result", saved
        found.append(({name: opened["data"][name] for name in ("weights", "model")}, (tmp_path / str(processes) / "weights.safetensors").read_bytes()))
    assert found[0] == found[1]


def test_a_model_that_is_not_there_is_told_by_all_sharing_ranks(opened_again, models, tmp_path):
    worker = opened_again(2)
    _, end = worker.call("open", {"options": options(tmp_path / "nothing", parallel="fsdp"), "seed": 1, "role": "trainer"})
    assert (end["type"], end["reason"]) == ("error", "DDA_MODEL_NOT_FOUND"), end
    _, end = worker.call("open", {"options": options(models(), parallel="fsdp"), "seed": 1, "role": "trainer"})
    assert end["type"] == "result", end


MEASURED = """
import os, re
from pathlib import Path
from dda_torch import service

opened = service.Service.do_open

def held(what):
    return int(re.search(what + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

def measured(self, params, call):
    before = held("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    result = opened(self, params, call)
    Path(r"{folder}", os.environ["RANK"]).write_text(str(held("VmHWM") - before))
    return result

service.Service.do_open = measured

from dda_torch.__main__ import main

main()
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system does not tell peaks")
def test_only_one_of_sharing_ranks_ever_has_the_whole_model_in_memory(start, models, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(MEASURED.format(folder=tmp_path))
    size = {"hidden_size": 256, "intermediate_size": 1536, "num_hidden_layers": 20}
    large = build(tmp_path / "large", "qwen2", text=size)
    whole = sum(path.stat().st_size for path in large.glob("*.safetensors"))
    worker = start(2, script=script)
    # The first one also loads code.
    for model in (models("qwen2"), large):
        given = options(model, parallel="fsdp", advantage="grpo", kl={"place": "loss", "coefficient": 0.1})
        _, opened = worker.call("open", {"options": given, "seed": 1, "role": "trainer"})
        assert opened["type"] == "result", opened
    # Both take part in it, so both have opened.
    _, saved = worker.call("save", {"folder": str(tmp_path / "saved")})
    assert saved["type"] == "result", saved
    first, second = (int((tmp_path / str(rank)).read_text()) for rank in (0, 1))
    print(f"of {whole / 2**20:.0f} MiB twice, policy and reference, rank 0 had {first / 2**20:.0f} MiB at most, rank 1 {second / 2**20:.0f}")
    # Half of each, a layer, and some for code; each rank had twice the whole when every one opened all.
    assert second < 1.4 * whole
    # The whole of one model at a time, beside its halves.
    assert first < 2.6 * whole


NO_MEMORY = """
import os
import torch
import dda_torch.training.update as update

def spoilt(*given):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\\nmore")

if os.environ["RANK"] == "{rank}":
    update._micro_batch = spoilt

from dda_torch.__main__ import main

main()
"""


@pytest.mark.parametrize("rank", [0, 1])
def test_memory_that_runs_out_on_one_of_two_sharing_ranks_ends_both_with_a_code(start, models, pictures, tmp_path, rank):
    script = tmp_path / "worker.py"
    script.write_text(NO_MEMORY.format(rank=rank))
    worker = start(2, script=script)
    given = options(models(), parallel="fsdp", microBatch=1, advantage="grpo", kl={"place": "off"})
    _, opened = worker.call("open", {"options": given, "seed": 1, "role": "trainer"})
    assert opened["type"] == "result", opened
    asked = requests(pictures)
    events, _ = worker.call("plan", {"requests": asked})
    _, end = worker.call("update", {"step": 1, "rows": rows(asked, events)})
    assert (end["type"], end["reason"]) == ("error", "DDA_CUDA_MEMORY"), end
    assert f"process {rank + 1} of 2" in end["message"] and "2.00 GiB" in end["message"]
    assert "last checkpoint" in end["data"]["next"]
    # torchrun has ended the other one, which waited inside the network.
    assert worker.process.wait(timeout=120) != 0


HASHING = """
import hashlib, os
from pathlib import Path

hashed = hashlib.file_digest

def told(file, algorithm):
    with Path(r"{folder}", "hashed-" + os.environ["RANK"]).open("a") as log:
        log.write(Path(file.name).name + "\\n")
    return hashed(file, algorithm)

hashlib.file_digest = told

from dda_torch.__main__ import main

main()
"""


def test_of_two_ranks_one_verifies_a_checkpoint_and_both_have_it(start, models, pictures, tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(HASHING.format(folder=tmp_path))
    worker = start(2, script=script)
    asked = requests(pictures)
    kl = {"place": "reward", "coefficient": 0.1}
    for parallel, more in (("fsdp", {"dtype": "bfloat16"}), ("fsdp", {"lora": {"rank": 4}}), ("ddp", {})):
        given = options(models(), parallel=parallel, microBatch=1, kl=kl, **more)
        opening = {"options": given, "seed": 1, "role": "trainer"}
        assert worker.call("open", opening)[1]["type"] == "result"
        # A reference policy of its own, and moments.
        worker.call("imitate", {"demonstrations": [{"prompt": asked[0]["prompt"], "text": "red"}]})
        events, _ = worker.call("plan", {"requests": asked})
        _, updated = worker.call("update", {"step": 1, "rows": rows(asked, events)})
        assert updated["type"] == "result", updated
        folder, again = (tmp_path / "-".join([parallel, *more, name]) for name in ("saved", "again"))
        assert worker.call("save", {"folder": str(folder)})[1]["type"] == "result"
        assert worker.call("open", opening)[1]["type"] == "result"
        (tmp_path / "hashed-0").unlink(missing_ok=True)
        _, loaded = worker.call("load", {"folder": str(folder)})
        assert loaded["type"] == "result", loaded
        assert len((tmp_path / "hashed-0").read_text().split()) == 4
        assert not (tmp_path / "hashed-1").exists()
        # What is saved after it has come through both ranks.
        worker.call("save", {"folder": str(again)})
        for path in folder.iterdir():
            assert (again / path.name).read_bytes() == path.read_bytes(), path.name
        events, planned = worker.call("plan", {"requests": requests(pictures, seed=2)})
        assert planned["type"] == "result" and len(events) == len(asked), planned
        (folder / "weights.safetensors").write_bytes(b"spoilt")
        _, end = worker.call("load", {"folder": str(folder)})
        assert (end["type"], end["reason"]) == ("error", "DDA_CHECKPOINT_CORRUPT"), end
    assert not (tmp_path / "hashed-1").exists()
