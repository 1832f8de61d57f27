from __future__ import annotations

import asyncio
import os
import pickle
import socket
import threading
import time
from typing import Any

import pytest
from reward_server import MASKED, Reply, by_completion, scored, serving

from dda_reward import MaskedRolloutError, RewardClient, RewardServiceError, Settings, default_client
from dda_reward import client as client_module


def client(url: str, **settings: Any) -> RewardClient:
    return RewardClient(Settings(url=url, **{"timeout": 30.0, "first_pause": 0.01, "longest_pause": 0.05, **settings}))


def test_asks_by_id_and_reads_the_answer() -> None:
    with serving(lambda _body, _n: (200, scored(0.25, 0.5), {})) as server:
        score = client(server.url + "/prefix/", token="secret").score("<plan>turn it red</plan>", "train-1", seed=7)
    assert server.requests == [{"completion": "<plan>turn it red</plan>", "sampleId": "train-1", "seed": 7}]
    assert server.paths == ["/prefix/v1/score"]
    assert server.headers[0]["Authorization"] == "Bearer secret"
    assert (score.status, score.reward, score.streams) == ("scored", 0.75, {"cognitive": 0.25, "visual": 0.5})
    assert [(item.id, item.scope, item.passed, item.contribution) for item in score.items] == [
        ("c1", "cognitive", True, 0.25),
        ("v1", "visual", True, 0.5),
    ]


def test_sends_a_whole_sample_and_no_token_that_it_has_not() -> None:
    with serving(lambda _body, _n: (200, scored(0, 0), {})) as server:
        client(server.url).score("ü", {"id": "x", "instruction": "age it"})
    assert server.requests == [{"completion": "ü", "sample": {"id": "x", "instruction": "age it"}}]
    assert "Authorization" not in server.headers[0]


def test_a_mask_is_no_number() -> None:
    with serving(lambda _body, _n: (200, MASKED, {})) as server:
        score = client(server.url).score("a", "s")
    assert score.masked and score.reward is None and score.streams == {}
    with pytest.raises(MaskedRolloutError, match="DDA_EDITOR_TIMEOUT.*train-7.*took too long") as raised:
        score.number("train-7")
    assert raised.value.code == "DDA_EDITOR_TIMEOUT"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_comes_back_where_the_service_says_so(status: int) -> None:
    def reply(_body: dict[str, Any], count: int) -> Reply:
        return (status, {"error": {"code": "DDA_BUSY", "message": "full"}}, {}) if count < 3 else (200, scored(1, 0), {})

    with serving(reply) as server:
        assert client(server.url).score("a", "s").reward == 1
    assert len(server.requests) == 3
    # Each try tells the time that is left of the 30 s.
    assert 30 >= server.deadlines[0] > server.deadlines[1] > server.deadlines[2] > 0


def test_waits_as_long_as_retry_after_says() -> None:
    def reply(_body: dict[str, Any], count: int) -> Reply:
        return (503, {}, {"Retry-After": "0.3"}) if count == 1 else (200, scored(1, 0), {})

    with serving(reply) as server:
        begun = time.monotonic()
        client(server.url, first_pause=0.0).score("a", "s")
        assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_ends_at_once_with_the_services_words(status: int) -> None:
    body = {"error": {"code": "DDA_SERVE_SAMPLE", "message": "there is no sample s", "next": "Export the data again."}}
    with serving(lambda _body, _n: (status, body, {})) as server:
        with pytest.raises(RewardServiceError, match="DDA_SERVE_SAMPLE: there is no sample s Export the data again.") as raised:
            client(server.url).score("a", "s")
    assert (raised.value.code, raised.value.status, len(server.requests)) == ("DDA_SERVE_SAMPLE", status, 1)


def test_a_refusal_is_read_that_came_before_the_whole_body_was_sent() -> None:
    body = b'{"error": {"code": "DDA_HTTP_BODY_TOO_LARGE", "message": "the body is larger than 1 bytes"}}'
    head = b"HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    asked = 0
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            nonlocal asked
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked += 1
                    connection.recv(1000)
                    connection.sendall(head + body)

        threading.Thread(target=refuse, daemon=True).start()
        picture = "A" * (32 * 1024 * 1024)
        with pytest.raises(RewardServiceError, match="DDA_HTTP_BODY_TOO_LARGE") as raised:
            client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=20).score("a", {"images": [picture]})
        server.shutdown(socket.SHUT_RDWR)
    assert (raised.value.status, asked) == (413, 1)


def test_a_service_that_comes_up_late_is_waited_for() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(RewardServiceError, match="DDA_REWARD_TIMEOUT.*ConnectionRefused") as raised:
        client(f"http://127.0.0.1:{port}", timeout=0.2).score("a", "s")
    assert raised.value.status is None


def test_silence_ends_with_the_deadline() -> None:
    hold = threading.Event()

    def reply(_body: dict[str, Any], _count: int) -> Reply:
        hold.wait(20)
        return 200, scored(1, 0), {}

    with serving(reply) as server:
        with pytest.raises(RewardServiceError, match="DDA_REWARD_TIMEOUT"):
            client(server.url, timeout=0.3).score("a", "s")
        hold.set()


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        [],
        {},
        {"status": "scored"},
        {"status": "scored", "reward": None},
        {"status": "scored", "reward": "0.5"},
        {"status": "scored", "reward": True},
        b'{"status": "scored", "reward": NaN}',
        {"status": "masked", "reward": 0},
        {"status": "done", "reward": 1},
        {"status": "scored", "reward": 1, "streams": {"cognitive": None}},
        {"status": "scored", "reward": 1, "streams": [1]},
        {"status": "scored", "reward": 1, "items": {}},
        {"status": "scored", "reward": 1, "items": [1]},
    ],
)
def test_an_answer_that_breaks_the_contract_is_no_reward(body: object) -> None:
    with serving(lambda _body, _n: (200, body, {})) as server:
        with pytest.raises(RewardServiceError, match="DDA_REWARD_ANSWER"):
            client(server.url).score("a", "s")


def test_connections_are_used_again_and_a_closed_one_is_opened_anew() -> None:
    def reply(body: dict[str, Any], count: int) -> Reply:
        return by_completion(body, count)[:2] + ({"Connection": "close"} if count == 3 else {},)

    with serving(reply) as server:
        one = client(server.url)
        for _ in range(5):
            assert one.score("a b", "s").reward == 2
        assert server.connections == 2
        one.close()
        assert one.score("a", "s").reward == 1
        assert server.connections == 3


def test_many_at_once_and_never_more_than_so_many() -> None:
    lock = threading.Lock()
    now, most = 0, 0
    first_eight = threading.Barrier(8)

    def reply(body: dict[str, Any], count: int) -> Reply:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        if count <= 8:
            first_eight.wait(20)
        with lock:
            now -= 1
        return by_completion(body, count)

    with serving(reply) as server:
        one = client(server.url, concurrency=8)

        async def ask() -> list[float | None]:
            return [score.reward for score in await asyncio.gather(*(one.ascore("a " * n, "s") for n in range(1, 41)))]

        assert asyncio.run(ask()) == list(range(1, 41))
        assert [s.reward for s in one.score_all(["a", "a b"], ["s", "s"])] == [1, 2]
    assert most == 8


def test_errors_travel_between_processes() -> None:
    masked = pickle.loads(pickle.dumps(MaskedRolloutError("DDA_EDITOR_TIMEOUT", "too long", sample="train-1")))
    assert (masked.code, masked.sample, str(masked)) == (
        "DDA_EDITOR_TIMEOUT",
        "train-1",
        "masked (DDA_EDITOR_TIMEOUT) train-1: too long",
    )
    service = pickle.loads(pickle.dumps(RewardServiceError("DDA_BUSY", "full.", status=503, next_step="Wait.")))
    assert (service.code, service.status, str(service)) == ("DDA_BUSY", 503, "DDA_BUSY: full. Wait.")


def test_settings_of_the_environment() -> None:
    settings = Settings.from_environment(
        {"DDA_REWARD_URL": "https://reward.lab:8443", "DDA_REWARD_TOKEN": "t", "DDA_REWARD_TIMEOUT": "12.5"}
    )
    assert (settings.url, settings.token, settings.timeout) == ("https://reward.lab:8443", "t", 12.5)
    assert "t'" not in repr(settings)
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize("url", ["", "localhost:8717", "ftp://host", "http://", "http://user:pass@host"])
def test_an_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(RewardServiceError, match="DDA_REWARD_URL"):
        Settings(url=url)


def test_a_timeout_that_is_no_number_is_refused() -> None:
    with pytest.raises(RewardServiceError, match="DDA_REWARD_TIMEOUT='soon'"):
        Settings.from_environment({"DDA_REWARD_TIMEOUT": "soon"})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_a_client_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_default", None)
    before = default_client()
    assert default_client() is before
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, b"1" if client_module._default is None else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 1) == b"1"
