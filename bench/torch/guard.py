"""Runs a command within a limit, and ends it when the limit is over or when the process that asked for it is gone, however that ended.

    python -IS bench/torch/guard.py PARENT SECONDS GRACE COMMAND...

PARENT is the process that starts this one. With the command ends all that it started: SIGTERM, and after GRACE seconds SIGKILL. The exit
status is the command's; 124 past the limit, 128 + N after signal N, 137 where PARENT is gone. Needs nothing but Python.
"""

import ctypes
import os
import signal
import sys
import time

LINUX = sys.platform == "linux"
# Of <linux/prctl.h>.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# After SIGKILL: a driver may hold a process back, but not the figures that are left.
PATIENCE = 30


def main() -> None:
    parent, limit, grace, command = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
    # Whoever kills the parent's whole group does not reach this process.
    os.setpgid(0, 0)
    asked: list[int] = []
    for number in SIGNALS:
        signal.signal(number, lambda given, _: asked.append(given))
    if LINUX:
        # Workers in groups of their own, whose starter has ended, become children of this process.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    until = time.monotonic() + limit
    figure = start(command)
    status = None
    while status is None:
        status = reap(figure)
        if status is None:
            status = reason(parent, until, asked)
        if status is None:
            time.sleep(0.1)
    end(figure, grace)
    sys.exit(status)


def start(command: list[str]) -> int:
    guard = os.getpid()
    pid = os.fork()
    if pid > 0:
        return pid
    os.setpgid(0, 0)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == guard:
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)
    os._exit(127)


def reason(parent: int, until: float, asked: list[int]) -> int | None:
    """To end the command, as an exit status."""
    if asked:
        return 128 + asked[0]
    if os.getppid() != parent:
        return 128 + signal.SIGKILL
    return 124 if time.monotonic() >= until else None


def reap(figure: int) -> int | None:
    """Takes leave of whatever has ended; the exit status of the command, if it is among them."""
    status = None
    try:
        while True:
            pid, code = os.waitpid(-1, os.WNOHANG)
            if pid == figure:
                code = os.waitstatus_to_exitcode(code)
                status = code if code >= 0 else 128 - code
            if pid == 0:
                return status
    except ChildProcessError:
        return status


def end(group: int, grace: float) -> None:
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, PATIENCE)):
        until, told = time.monotonic() + seconds, set()
        while left := offspring(group):
            if time.monotonic() >= until:
                break
            for pid in left - told:
                send(pid, number)
            told |= left
            time.sleep(0.02)
            reap(group)


def offspring(group: int) -> set[int]:
    """All that descends from this process and runs; without /proc the group of the command, as `kill` names it."""
    if not LINUX:
        return {-group} if send(-group, 0) else set()
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state not in "ZX":
            parents[int(name)] = int(parent)
    found, more = set(), {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in more}:
        found |= more
    return found


def send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
