"""How a rank that cannot go on tells the others, who wait for its part inside a collective and would never hear of it."""

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import torch.distributed as dist

from .errors import TrainerError

KEY = "dda/alarm"
# Between two looks, in seconds.
PAUSE = 0.5
# Until a rank that raised the alarm ends by itself, should nobody end it.
GRACE = 60.0


def _connect() -> dist.TCPStore:
    """A connection of one's own to the store through which torchrun's processes met."""
    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    return dist.TCPStore(host, port, is_master=False, wait_for_workers=False, timeout=timedelta(seconds=30))


def raise_alarm(key: str, holes: dict[str, Any]) -> NoReturn:
    """Says why, and waits for the end: rank 0 answers what is open with it and ends, and torchrun ends the others."""
    _connect().set(KEY, json.dumps({"key": key, "holes": holes}))
    time.sleep(GRACE)
    os._exit(1)


def watch(heard: Callable[[TrainerError], Any]) -> None:
    """Calls ``heard`` on a thread of its own once a rank has raised the alarm."""
    store = _connect()

    def look() -> None:
        while not store.check([KEY]):
            time.sleep(PAUSE)
        said = json.loads(store.get(KEY))
        heard(TrainerError(said["key"], said["holes"], stage="update"))

    threading.Thread(target=look, name="dda-alarm", daemon=True).start()
