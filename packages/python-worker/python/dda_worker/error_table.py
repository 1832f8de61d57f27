"""The texts of coded errors, as the Node side has them in its tables."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class ErrorTable:
    """The errors of a plugin by key: a code (``DDA_...``), with ``/`` and the name of a case where one code says several
    things.

    :param path: JSON of ``{key: {"message", "next"}}``; ``{name}`` in a text is a hole.
    """

    def __init__(self, path: Path):
        self._rows: Mapping[str, Mapping[str, str]] = json.loads(path.read_text("utf-8"))

    def texts(self, key: str, holes: Mapping[str, Any]) -> tuple[str, str, str]:
        """Code, message and next step of a row. Raises ``KeyError`` for a key without a row and for a hole that is not filled."""
        row = self._rows[key]

        def fill(text: str) -> str:
            return re.sub(r"\{(\w+)\}", lambda hole: str(holes[hole[1]]), text)

        return key.split("/")[0], fill(row["message"]), fill(row["next"])
