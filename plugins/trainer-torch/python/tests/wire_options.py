"""What Node sends where nothing is set; its own tests hold wire_options.json to its schema."""

import copy
import json
from pathlib import Path
from typing import Any

_WIRE = json.loads((Path(__file__).parent / "wire_options.json").read_text())


def wire_options(**given: Any) -> dict[str, Any]:
    """The options of ``open`` with some of them set; groups may be given in part."""
    base = copy.deepcopy(_WIRE["options"])
    if given.get("lora") is not None:
        base["lora"] = copy.deepcopy(_WIRE["lora"])
    return _merged(base, given)


def _merged(base: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    for key, value in given.items():
        nested = isinstance(base.get(key), dict) and isinstance(value, dict)
        base[key] = _merged(base[key], value) if nested else value
    return base
