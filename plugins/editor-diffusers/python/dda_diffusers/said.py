"""What diffusers warns of, for people who do not read the worker's log."""

import logging
from contextlib import contextmanager
from collections.abc import Iterator


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = " ".join(record.getMessage().split())[:500]
        if line not in self.lines:
            self.lines.append(line)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Gives a list that holds each different warning of diffusers once."""
    listener, logger = _Listener(), logging.getLogger("diffusers")
    logger.addHandler(listener)
    try:
        yield listener.lines
    finally:
        logger.removeHandler(listener)
