from __future__ import annotations

import asyncio
import importlib.util
import inspect
import math
import subprocess
import sys
import types
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from reward_server import Reply, by_completion, scored, serving

import dda_reward
from dda_reward import MaskedRolloutError, RewardClient, RewardServiceError, Settings
from dda_reward import client as client_module
from dda_reward.completion_text import completion_text
from dda_reward.trl import RewardFunction, reward_functions, total_reward

PACKAGE = Path(dda_reward.__file__).parent


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    with serving(by_completion) as running:
        monkeypatch.setattr(client_module, "_default", None)
        monkeypatch.setenv("DDA_REWARD_URL", running.url)
        yield running
    monkeypatch.setattr(client_module, "_default", None)


def by_path(name: str) -> ModuleType:
    """As verl and EasyR1 load a reward function: the file, without its package."""
    spec = importlib.util.spec_from_file_location(f"custom_{name}", PACKAGE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def together(functions: list[RewardFunction], completions: list[object], samples: list[str]) -> list[list[float | None]]:
    """As TRL calls asynchronous functions."""

    async def run() -> list[list[float | None]]:
        calls = [f(prompts=["p"] * len(completions), completions=completions, sample_id=samples) for f in functions]
        return list(await asyncio.gather(*calls))

    return asyncio.run(run())


class TestTrl:
    def test_tells_the_step_under_way(self, server: Any) -> None:
        async def run() -> None:
            state = types.SimpleNamespace(global_step=6)
            await total_reward()(prompts=["p"], completions=["a"], sample_id=["s"], trainer_state=state)

        asyncio.run(run())
        assert server.requests == [{"completion": "a", "sampleId": "s", "step": 7}]

    def test_one_function_a_stream_shares_one_request_a_completion(self, server: Any) -> None:
        functions = reward_functions(["cognitive", "visual"])
        assert [f.__name__ for f in functions] == ["cognitive", "visual"]
        assert all(inspect.iscoroutinefunction(f) for f in functions)
        assert together(functions, ["a b", "masked", "a", "a b"], ["s", "s", "t", "s"]) == [
            [1.0, None, 0.5, 1.0],
            [1.0, None, 0.5, 1.0],
        ]
        # Four rows, two of them the same, and each on the record of the service.
        assert len(server.requests) == 4

    def test_the_same_batch_again_is_asked_for_again(self, server: Any) -> None:
        functions = reward_functions(["cognitive", "visual"])
        for _ in range(3):
            together(functions, ["masked"], ["s"])
        assert len(server.requests) == 3

    def test_the_total(self, server: Any) -> None:
        reward = total_reward()
        assert reward.__name__ == "reward"
        assert together([reward], [[{"role": "assistant", "content": "a b c"}]], ["s"]) == [[3.0]]

    def test_functions_that_are_never_called_leave_nothing_behind(self, server: Any) -> None:
        first, _second = reward_functions(["cognitive", "visual"])
        for number in range(20):
            together([first], [f"a {number}"], ["s"])
        kept = inspect.getclosurevars(first).nonlocals["shared"]._open
        assert len(kept) == 4

    def test_a_service_that_is_gone_ends_the_training(self) -> None:
        gone = RewardClient(Settings(url="http://127.0.0.1:9", timeout=0.2, first_pause=0.01))
        with pytest.raises(RewardServiceError, match="DDA_REWARD_TIMEOUT"):
            together(list(reward_functions(["cognitive"], gone)), ["a"], ["s"])

    def test_a_stream_that_no_function_takes_is_not_lost_in_silence(self, server: Any) -> None:
        with pytest.raises(KeyError, match="visual"):
            together(list(reward_functions(["cognitive"])), ["a"], ["s"])

    def test_data_without_the_column(self, server: Any) -> None:
        with pytest.raises(KeyError, match="sample_id"):
            asyncio.run(total_reward()(prompts=["p"], completions=["a"]))  # type: ignore[arg-type]

    @pytest.mark.parametrize("streams", [[], ["visual", "visual"]])
    def test_streams_are_named_once(self, streams: list[str]) -> None:
        with pytest.raises(ValueError, match="once"):
            reward_functions(streams)


class TestVerl:
    def test_a_dictionary_of_numbers(self, server: Any) -> None:
        verl = by_path("verl")
        assert inspect.iscoroutinefunction(verl.compute_score)
        result = asyncio.run(verl.compute_score("dda", "a b", "", {"dda_sample": "train-1", "index": 0}, num_turns=2))
        assert result == {
            "score": 2.0,
            "cognitive": 1.0,
            "visual": 1.0,
            "items_passed": 2.0,
            "items_asked": 2.0,
            "gated": 0.0,
        }
        assert server.requests == [{"completion": "a b", "sampleId": "train-1"}]

    def test_the_ground_truth_is_the_id_where_nothing_else_is(self, server: Any) -> None:
        asyncio.run(by_path("verl").compute_score("dda", "a", "train-9", None))
        assert server.requests[0]["sampleId"] == "train-9"
        with pytest.raises(KeyError, match="dda_sample"):
            asyncio.run(by_path("verl").compute_score("dda", "a", None, {}))

    def test_a_mask_raises(self, server: Any) -> None:
        with pytest.raises(MaskedRolloutError, match="DDA_EDITOR_TIMEOUT"):
            asyncio.run(by_path("verl").compute_score("dda", "masked", "s"))

    def test_names_are_the_same_for_every_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def reply(body: dict[str, Any], _count: int) -> Reply:
            answer = scored(0.5, 0.25)
            if body["completion"] == "plan alone":
                answer |= {"reward": 0.5, "streams": {"cognitive": 0.5}, "items": [], "status": "gated"}
            return 200, answer, {}

        with serving(reply) as running:
            monkeypatch.setattr(client_module, "_default", RewardClient(Settings(url=running.url)))
            score = by_path("verl").compute_score
            whole = asyncio.run(score("dda", "a", "s", streams=["cognitive", "visual"]))
            alone = asyncio.run(score("dda", "plan alone", "s", streams=["cognitive", "visual"]))
            assert list(whole) == list(alone)
            assert math.isnan(alone["visual"]) and alone["score"] == 0.5 and alone["gated"] == 1.0
            with pytest.raises(KeyError, match="visual"):
                asyncio.run(score("dda", "a", "s", streams=["cognitive"]))
            with pytest.raises(ValueError, match="reward"):
                asyncio.run(score("dda", "a", "s", streams=["cognitive", "visual", "reward"]))


class TestEasyR1:
    def test_a_batch(self, server: Any) -> None:
        easyr1 = by_path("easyr1")
        assert (easyr1.REWARD_NAME, easyr1.REWARD_TYPE) == ("dda", "batch")
        rows = [{"response": text, "response_length": 2, "ground_truth": "s"} for text in ("a", "a b")]
        assert easyr1.compute_score(rows) == [
            {"overall": 1.0, "cognitive": 0.5, "visual": 0.5},
            {"overall": 2.0, "cognitive": 1.0, "visual": 1.0},
        ]

    def test_a_mask_raises(self, server: Any) -> None:
        rows = [{"response": text, "ground_truth": "s"} for text in ("a", "masked")]
        with pytest.raises(MaskedRolloutError):
            by_path("easyr1").compute_score(rows)


@pytest.mark.parametrize(
    ("completion", "text"),
    [
        ("plain", "plain"),
        ([{"role": "assistant", "content": "said"}], "said"),
        ([{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}], "b"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]}], "xy"),
        ([{"role": "assistant", "content": None}], ""),
    ],
)
def test_text_of_a_completion(completion: object, text: str) -> None:
    assert completion_text(completion) == text


@pytest.mark.parametrize("completion", [None, 3, [], ["a"], [{"role": "assistant", "content": 3}]])
def test_what_is_no_completion(completion: object) -> None:
    with pytest.raises(TypeError):
        completion_text(completion)


@pytest.mark.parametrize("name", ["verl", "easyr1"])
def test_the_path_for_the_configuration(name: str) -> None:
    said = subprocess.run([sys.executable, "-m", f"dda_reward.{name}"], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert Path(said.stdout.strip()) == PACKAGE / f"{name}.py"
