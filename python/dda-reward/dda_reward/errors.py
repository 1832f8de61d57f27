"""What can go wrong."""

from __future__ import annotations


class RewardServiceError(RuntimeError):
    """The service could not be asked, or its answer is none: the trainer must stop, not learn from it.

    ``code`` is the service's own where it gave one, else ``DDA_REWARD_CONNECTION``, ``DDA_REWARD_TIMEOUT`` or ``DDA_REWARD_ANSWER``.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None, next_step: str | None = None) -> None:
        super().__init__(f"{code}: {message}" + ("" if next_step is None else f" {next_step}"))
        self.code = code
        #: HTTP status of the last answer; None where there was none.
        self.status = status

    def __reduce__(self) -> tuple[object, ...]:
        # Ray sends exceptions between processes; the default would call the class with the message alone.
        return (_rebuild_service_error, (self.code, str(self), self.status))


class MaskedRolloutError(RuntimeError):
    """The rollout has no reward, because its plan, edit or judgement failed. Never to be replaced by a number.

    Raised where the trainer has no other way to be told; see :mod:`dda_reward.verl` for what each one makes of it.
    """

    def __init__(self, code: str, message: str, *, sample: str = "") -> None:
        super().__init__(message if message.startswith("masked") else f"masked ({code}){' ' + sample if sample else ''}: {message}")
        self.code = code
        #: Id of the sample, where it was told.
        self.sample = sample

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_masked_error, (self.code, str(self), self.sample))


def _rebuild_service_error(code: str, text: str, status: int | None) -> RewardServiceError:
    return RewardServiceError(code, text.removeprefix(f"{code}: "), status=status)


def _rebuild_masked_error(code: str, text: str, sample: str) -> MaskedRolloutError:
    return MaskedRolloutError(code, text, sample=sample)
