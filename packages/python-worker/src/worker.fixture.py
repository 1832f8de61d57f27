"""A worker for the tests: each method does one thing that a worker may have to do, or to suffer."""

import ctypes
import os
import subprocess
import sys
import time

from dda_worker import Failure, Request, Worker

if "--die-early" in sys.argv:
    sys.exit("I never wanted to work")
if "--garbage" in sys.argv:
    os.write(1, b"\xff\xff\xff\xffnot a frame")
    time.sleep(60)

worker = Worker("fixture", "1.2.3", {"methods": ["echo"]})
print("printed by Python before hello")
ctypes.CDLL(None).puts(b"printed by C before hello")
ctypes.CDLL(None).fflush(None)
calls: list[str] = []


@worker.method("echo")
def echo(request: Request):
    print("a print that must not disturb")
    return request.params, [part[::-1] for part in request.parts]


@worker.method("stream")
def stream(request: Request):
    for index in range(request.params["count"]):
        request.event({"index": index}, [bytes([index])])
    return {"count": request.params["count"]}


@worker.method("pid")
def pid(request: Request):
    return os.getpid()


@worker.method("child")
def child(request: Request):
    """Starts a process of its own that would outlive it."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid


@worker.method("calls")
def seen(request: Request):
    return calls


@worker.method("prepare")
def prepare(request: Request):
    calls.append("prepare")
    return None


@worker.method("wait")
def wait(request: Request):
    """Waits until it is cancelled, and looks for that."""
    calls.append("wait")
    request.event("waiting")
    while True:
        request.check()
        time.sleep(0.01)


@worker.method("hang")
def hang(request: Request):
    """Looks at nothing any more."""
    request.event("hanging")
    time.sleep(600)


@worker.method("fail")
def fail(request: Request):
    raise Failure("out-of-memory", "It does not fit", needed=12)


@worker.method("raise")
def throw(request: Request):
    raise KeyError("colour")


@worker.method("nan")
def nan(request: Request):
    return {"loss": float("nan")}


@worker.method("die")
def die(request: Request):
    print("my last words", file=sys.stderr, flush=True)
    os._exit(7)


@worker.method("batch", batch=3, key=lambda request: request.params["size"])
def batch(requests: list[Request]):
    if any(request.params.get("bad") for request in requests) and len(requests) == 1:
        return [Failure("bad", "bad one")]
    return [
        Failure("bad", "bad one") if request.params.get("bad") else {"with": [other.params["n"] for other in requests]}
        for request in requests
    ]


worker.serve()
