"""The vLLM engine against a server that speaks its API, for machines without vLLM. It answers from the trainer's own policy."""

import json
import os
import stat
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dda_torch.errors import TrainerError

STUB = '''#!{python}
import sys, urllib.request, http.server
port = int(sys.argv[sys.argv.index("--port") + 1])
assert sys.argv[1] == "serve" and "processed_logprobs" in sys.argv and "--enable-lora" in sys.argv
assert sys.argv[sys.argv.index("--generation-config") + 1] == "vllm"
given = sys.argv[sys.argv.index("--mm-processor-kwargs") + 1] if "--mm-processor-kwargs" in sys.argv else "none"
open(sys.argv[0] + ".pixels", "w").write(given)
class Handler(http.server.BaseHTTPRequestHandler):
    def forward(self, body):
        try:
            with urllib.request.urlopen(urllib.request.Request("{behind}" + self.path, body)) as answer:
                status, content = 200, answer.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content)
    def do_GET(self): self.forward(None)
    def do_POST(self): self.forward(self.rfile.read(int(self.headers["content-length"])))
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''


@pytest.fixture
def vllm(tmp_path, monkeypatch):
    """A command `vllm` that forwards to this process; `answer` maps a path and a body to a status and a body."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def reply(self, body):
            seen.append((self.path, body))
            status, content = server.answer(self.path, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def do_GET(self):
            self.reply(None)

        def do_POST(self):
            self.reply(json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = seen
    server.answer = lambda path, body: (200, {})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = tmp_path / "vllm"
    command.write_text(STUB.format(python=sys.executable, behind=f"http://127.0.0.1:{server.server_port}"))
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    server.pixels = lambda: (tmp_path / "vllm.pixels").read_text()
    yield server
    server.shutdown()


def requests(made):
    return [{"id": str(i), "prompt": prompt, "seed": i, "temperature": 1.0} for i, prompt in enumerate(made.prompts())]


def test_plans_come_from_the_server_and_train_the_policy(bench, vllm):
    made = bench(lora={"rank": 4}, rollout={"engine": "vllm"}, oldLogProbs="recompute", freezeVision=True, maxPixels=12544)
    encoded = {request["prompt"]["instruction"]: made.service._prompt(request["prompt"]).ids for request in requests(made)}
    ids = made.learner.tokenizer("red", add_special_tokens=False)["input_ids"] + [made.learner.tokenizer.eos_token_id]

    # What the policy itself says of that plan, as a server with its weights would.
    asked = [{"prompt": request["prompt"], "ids": ids, "temperature": 1.0} for request in requests(made)]
    scored = made.call("score", {"rows": asked, "which": "policy"})["rows"]
    said = {row["prompt"]["instruction"]: each["logProbs"] for row, each in zip(asked, scored)}

    def answer(path, body):
        if path != "/v1/chat/completions":
            return 200, {}
        text = body["messages"][0]["content"][1]["text"]
        content = [{"logprob": log_prob} for log_prob in said[text]]
        choice = {"token_ids": ids, "logprobs": {"content": content}, "finish_reason": "stop"}
        return 200, {"prompt_token_ids": list(encoded[text]), "choices": [choice]}

    vllm.answer = answer
    events = []
    try:
        made.call("plan", {"requests": requests(made)}, event=events.append)
        assert {event["text"] for event in events} == {"red"} and all(event["values"] is None for event in events)
        asked = [body for path, body in vllm.seen if path == "/v1/chat/completions"]
        assert len(asked) == 3 and asked[0]["messages"][0]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
        pad = made.learner.tokenizer.convert_tokens_to_ids("<|image_pad|>")
        assert asked[0]["logit_bias"][str(pad)] == -100 and asked[0]["return_token_ids"] and asked[0]["top_p"] == 1
        # What the model's generation config recommends must not reach the policy, and what the trainer rules out is ruled out.
        neutral = {"min_p": 0, "repetition_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0, "top_k": -1}
        assert {name: asked[0][name] for name in neutral} == neutral
        assert asked[0]["stop_token_ids"] == sorted(made.learner.stop_ids)
        behind = len(made.learner.tokenizer)
        assert behind < made.learner.policy.forbidden.shape[0] and asked[0]["logit_bias"][str(behind)] == -100
        assert json.loads(vllm.pixels()) == {"max_pixels": 12544}
        about = {request["id"]: request["prompt"] for request in requests(made)}
        plans = [{**event, "rolloutId": event["id"], "group": event["id"], "prompt": about[event["id"]], "temperature": 1.0} for event in events]
        made.call("update", {"step": 1, "rows": made.rows(sorted(plans, key=lambda plan: plan["id"]), lambda plan: int(plan["id"]) / 2)})
        made.call("plan", {"requests": requests(made)}, event=events.append)
        loads = [body for path, body in vllm.seen if path == "/v1/load_lora_adapter"]
        assert len({body["lora_name"] for body in loads}) == 2 and all(body["lora_path"] for body in loads)
        assert [body["lora_name"] for path, body in vllm.seen if path == "/v1/unload_lora_adapter"] == [loads[0]["lora_name"]]
    finally:
        made.service._engine.close()


@pytest.mark.parametrize(
    "answer",
    [
        lambda path, body: (500, {"error": "no"}) if "chat" in path else (200, {}),
        lambda path, body: (200, {}),
        lambda path, body: (200, {"prompt_token_ids": [1], "choices": [{"token_ids": [1], "logprobs": {"content": [{"logprob": -1}]}, "finish_reason": "stop"}]}),
    ],
)
def test_a_server_that_fails_is_a_coded_error(bench, vllm, answer):
    made = bench(lora={"rank": 4}, rollout={"engine": "vllm"}, freezeVision=True)
    vllm.answer = answer
    try:
        with pytest.raises(TrainerError) as error:
            made.call("plan", {"requests": requests(made)})
        assert error.value.code == "DDA_VLLM_FAILED"
    finally:
        made.service._engine.close()


def test_full_training_with_vllm_is_refused(bench, vllm):
    with pytest.raises(TrainerError) as error:
        bench(rollout={"engine": "vllm"})
    assert error.value.code == "DDA_CONFIG_INVALID"


def test_adapters_of_the_vision_tower_which_vllm_ignores_are_refused(bench, vllm):
    with pytest.raises(TrainerError) as error:
        bench(lora={"rank": 4}, rollout={"engine": "vllm"}, freezeVision=False)
    assert error.value.code == "DDA_CONFIG_INVALID" and error.value.data["location"] == "freezeVision"
