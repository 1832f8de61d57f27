"""Where the service is and how long it is waited for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dda_reward.errors import RewardServiceError

#: Base URL of the service.
URL_VARIABLE = "DDA_REWARD_URL"
#: Token that it asks for; never in a file, never in a log.
TOKEN_VARIABLE = "DDA_REWARD_TOKEN"
#: Seconds for one reward, all repetitions included.
TIMEOUT_VARIABLE = "DDA_REWARD_TIMEOUT"

DEFAULT_URL = "http://127.0.0.1:8717"


@dataclass(frozen=True)
class Settings:
    """How the service is called. :meth:`from_environment` is what every adapter uses where it is given none."""

    #: Base URL, ``http://`` or ``https://``.
    url: str = DEFAULT_URL
    #: Sent as ``Authorization: Bearer``; None: nothing is sent.
    token: str | None = field(default=None, repr=False)
    #: Seconds for one reward, all repetitions and their pauses included.
    timeout: float = 900.0
    #: Requests at once of one process.
    concurrency: int = 64
    #: Seconds of the first pause before a repetition; it doubles up to ``longest_pause``. The service's ``Retry-After`` comes first.
    first_pause: float = 0.5
    longest_pause: float = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RewardServiceError("DDA_REWARD_URL", f"{self.url!r} is no URL of a service: http://host:port")
        if parts.username is not None or parts.password is not None:
            raise RewardServiceError("DDA_REWARD_URL", f"the URL holds a secret; set {TOKEN_VARIABLE} instead")
        if self.timeout <= 0 or self.concurrency < 1 or self.first_pause < 0 or self.longest_pause < 0:
            raise RewardServiceError("DDA_REWARD_SETTINGS", f"times and concurrency must be positive: {self!r}")

    @staticmethod
    def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
        """Reads ``DDA_REWARD_URL``, ``DDA_REWARD_TOKEN`` and ``DDA_REWARD_TIMEOUT``; what is not set has its default."""
        env = os.environ if environment is None else environment
        text = env.get(TIMEOUT_VARIABLE, "")
        try:
            timeout = float(text) if text != "" else Settings.timeout
        except ValueError:
            raise RewardServiceError("DDA_REWARD_SETTINGS", f"{TIMEOUT_VARIABLE}={text!r} is no number of seconds") from None
        return Settings(url=env.get(URL_VARIABLE) or DEFAULT_URL, token=env.get(TOKEN_VARIABLE) or None, timeout=timeout)
