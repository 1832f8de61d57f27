"""PPO for vision-language policies on PyTorch: the worker behind the `torch` trainer of DDA-Thinker."""

__version__ = "0.1.0"
