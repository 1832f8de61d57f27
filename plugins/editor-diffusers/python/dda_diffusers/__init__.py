"""The Python half of editor-diffusers: a worker that edits pictures by a pipeline of diffusers."""

__version__ = "0.1.0"
