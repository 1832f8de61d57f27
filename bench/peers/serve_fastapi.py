"""The peer of bench/serve.ts: a checklist reward over verdicts in memory, one process of uvicorn with uvloop and httptools."""

import os
import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

PLANS = int(sys.argv[1])
ITEMS = {"c1": ("cognitive", 0.25), "c2": ("cognitive", 0.25), "v1": ("visual", 0.25), "v2": ("visual", 0.25)}
VERDICTS = {("sample", plan): dict.fromkeys(ITEMS, "yes") for plan in range(PLANS)}


class Request(BaseModel):
    plan: int
    sample_id: str


class Item(BaseModel):
    id: str
    scope: str
    answer: str
    passed: bool
    contribution: float


class Score(BaseModel):
    status: str
    reward: float
    streams: dict[str, float]
    items: list[Item]


app = FastAPI()


@app.post("/score")
async def score(request: Request) -> Score:
    verdicts = VERDICTS[request.sample_id, request.plan]
    items = [
        Item(id=name, scope=scope, answer=verdicts[name], passed=verdicts[name] == "yes", contribution=weight * (verdicts[name] == "yes"))
        for name, (scope, weight) in ITEMS.items()
    ]
    streams = {scope: sum(item.contribution for item in items if item.scope == scope) for scope in ("cognitive", "visual")}
    return Score(status="scored", reward=sum(streams.values()), streams=streams, items=items)


listening = socket.socket()
listening.bind(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
print(listening.getsockname()[1], os.getpid(), flush=True)


def end() -> None:
    sys.stdin.read()
    server.should_exit = True


threading.Thread(target=end, daemon=True).start()
server.run(sockets=[listening])
