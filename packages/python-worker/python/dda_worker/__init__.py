"""The Python side of a DDA-Thinker worker: frames on standard input and output, requests, events. Standard library only."""

from .error_table import ErrorTable
from .request import Cancelled, Failure, Request
from .worker import PROTOCOL, Worker

__all__ = ["PROTOCOL", "Cancelled", "ErrorTable", "Failure", "Request", "Worker"]
