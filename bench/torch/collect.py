"""Writes all.json of a folder of figures: of each what became of it, and the figures; at once or not at all.

    python bench/torch/collect.py FOLDER
"""

import importlib.metadata
import json
import os
import sys
from pathlib import Path


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
        found[name] = {"status": status.read_text(), "figures": json.loads(figures.read_text()) if figures.exists() else None}
    packages = {name: version(name) for name in ("torch", "transformers", "peft", "trl")}
    part = folder / ".all.json.part"
    part.write_text(json.dumps({"packages": packages, "figures": found}, indent=1) + "\n")
    os.replace(part, folder / "all.json")


if __name__ == "__main__":
    main()
