"""Asks `dda serve` for rewards."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from dda_reward.connections import Answer, Connections
from dda_reward.errors import RewardServiceError
from dda_reward.score import Score, read_score
from dda_reward.settings import Settings
from dda_reward.workers import Workers

#: A sample of the service's own data by its id, or a whole one as JSON.
Sample = str | Mapping[str, object]

_SCORE = "/v1/score"
#: Seconds; the service takes no longer one.
_LONGEST_DEADLINE = 86_400.0
#: The service is busy, starting, draining, or something between is: worth another try.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class RewardClient:
    """Rewards over HTTP, from any thread and any event loop.

    A request that gets no answer, or one that says to come back, is repeated with growing pauses until ``settings.timeout`` is over.
    The service knows requests by their content, so a repetition buys no edit and no verdict twice.

    :raises RewardServiceError: of every call: no answer in time, a refusal (token, unknown sample), or an answer that is none
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self._connections = Connections(self.settings.url)
        self._workers = Workers(self.settings.concurrency)

    def score(self, completion: str, sample: Sample, *, seed: int | None = None, step: int | None = None) -> Score:
        """The reward of one completion; waits for it.

        :param completion: all that the policy wrote; the service finds the plan in it
        :param sample: what it was written for
        :param seed: that the completion was sampled with, for the record; the seed of the Editor follows from the sample
        :param step: of the training, for the record
        """
        body: dict[str, object] = {"completion": completion}
        if isinstance(sample, str):
            body["sampleId"] = sample
        else:
            body["sample"] = dict(sample)
        if seed is not None:
            body["seed"] = seed
        if step is not None:
            body["step"] = step
        return read_score(self._post(_SCORE, body))

    def submit(
        self, completion: str, sample: Sample, *, seed: int | None = None, step: int | None = None
    ) -> Future[Score]:
        """The same in a thread of the client."""
        return self._workers.submit(lambda: self.score(completion, sample, seed=seed, step=step))

    async def ascore(
        self, completion: str, sample: Sample, *, seed: int | None = None, step: int | None = None
    ) -> Score:
        """The same for an event loop, which is not blocked."""
        return await asyncio.wrap_future(self.submit(completion, sample, seed=seed, step=step))

    def score_all(self, completions: Sequence[str], samples: Sequence[Sample]) -> list[Score]:
        """One score for each, in order, asked for side by side. Raises what the first of them that failed raised."""
        futures = [self.submit(text, sample) for text, sample in zip(completions, samples, strict=True)]
        return [future.result() for future in futures]

    def close(self) -> None:
        """Closes connections that lie idle; the client may be used again."""
        self._connections.close()

    def _post(self, path: str, body: Mapping[str, object]) -> object:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "dda-reward/0.1.0"}
        if self.settings.token is not None:
            headers["Authorization"] = f"Bearer {self.settings.token}"
        deadline = time.monotonic() + self.settings.timeout
        pause = self.settings.first_pause
        said = "no try was made"
        status: int | None = None
        while (left := deadline - time.monotonic()) > 0:
            wait: float | None = None
            # The service then answers before this side gives up: with the score, or with why there is none yet.
            told = {**body, "deadlineSeconds": min(left, _LONGEST_DEADLINE)}
            data = json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
            try:
                answer = self._connections.post(path, data, headers, left)
            except (OSError, http.client.HTTPException) as error:
                said, status = f"{type(error).__name__}: {error}", None
            else:
                if answer.status == 200:
                    return _parsed(answer)
                refusal = _refusal(answer)
                if answer.status not in _PASSING:
                    raise refusal
                said, status = str(refusal), answer.status
                wait = _seconds(answer.retry_after)
            # Many processes lose a service at the same moment; without chance they would all come back at the same moment.
            drawn = pause * random.uniform(0.5, 1) if wait is None else wait
            time.sleep(min(drawn, max(0.0, deadline - time.monotonic())))
            pause = min(pause * 2, self.settings.longest_pause)
        raise RewardServiceError(
            "DDA_REWARD_TIMEOUT",
            f"no reward from {self.settings.url} within {self.settings.timeout:g} s; last: {said}.",
            status=status,
            next_step="Look at its log, or raise DDA_REWARD_TIMEOUT above the service's own deadline.",
        )


_default: RewardClient | None = None


def default_client() -> RewardClient:
    """The client of this process, made from the environment at the first call."""
    global _default
    if _default is None:
        _default = RewardClient()
    return _default


def _forget() -> None:
    global _default
    _default = None


# The threads and sockets of a client do not come along into a forked process.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _parsed(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise RewardServiceError("DDA_REWARD_ANSWER", f"the answer is no JSON: {error}", status=answer.status) from None


def _refusal(answer: Answer) -> RewardServiceError:
    """The service's own code and words, where it gave some."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        following = error.get("next")
        return RewardServiceError(
            error["code"],
            str(error.get("message", f"HTTP {answer.status}")),
            status=answer.status,
            next_step=following if isinstance(following, str) else None,
        )
    return RewardServiceError("DDA_REWARD_REFUSED", f"HTTP {answer.status}", status=answer.status)


def _seconds(header: str | None) -> float | None:
    """Of a ``Retry-After`` in seconds; one with a date is left to the client's own pause."""
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:
        return None
