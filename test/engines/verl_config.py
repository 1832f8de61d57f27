"""Reads overrides by verl's own configuration. Argument: a file of them. Prints one line of JSON: what some of them came to."""

import json
import os
import sys
from pathlib import Path

import verl
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

overrides = json.loads(Path(sys.argv[1]).read_text())
with initialize_config_dir(os.path.join(os.path.dirname(verl.__file__), "trainer/config"), version_base=None):
    config = compose("ppo_trainer", overrides=overrides)
wanted = [line.split("=", 1)[0].lstrip("+") for line in overrides]
print(json.dumps({name: OmegaConf.select(config, name) for name in wanted}, default=list), file=sys.__stdout__)
