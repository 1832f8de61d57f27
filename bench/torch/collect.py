"""Writes all.json of a folder of figures: of each what became of it, and the figures; at once or not at all.

    python bench/torch/collect.py FOLDER
"""

import importlib.metadata
import json
import os
import sys
from pathlib import Path


# Lines of the log of a figure that did not come.
TAIL = 15


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    folder = Path(sys.argv[1])
    found = {}
    for status in sorted(folder.glob("*.status"), key=lambda file: file.stat().st_mtime):
        name = status.stem
        figures = folder / f"{name}.json"
        became = status.read_text()
        found[name] = {"status": became, "figures": json.loads(figures.read_text()) if figures.exists() else None}
        log = folder / f"{name}.log"
        if became.startswith(("failed", "cut")) and log.exists():
            found[name]["log"] = log.read_text(errors="replace").splitlines()[-TAIL:]
    packages = {name: version(name) for name in ("torch", "transformers", "peft", "trl")}
    # Of its own: another may be at work when this one is killed.
    part = folder / f".all.json.{os.getpid()}"
    part.write_text(json.dumps({"packages": packages, "figures": found}, indent=1) + "\n")
    os.replace(part, folder / "all.json")


if __name__ == "__main__":
    main()
