"""TRL's GRPOTrainer, driven step by step from the other end of a pipe."""

VERSION = "0.1.0"
