"""An interpreter that has imported already: for tests that start a worker many times, each of which would import PyTorch anew.

`warm-python.py run FOLDER ARGUMENTS...` is to be called like `python ARGUMENTS...`: module or script, folder, environment and
standard streams are the caller's, and so are exit status and signal. Whoever ends the caller ends what it runs. The first
caller starts what serves them all:
`warm-python.py serve FOLDER` imports what FOLDER/imports names (a line each: `module`, `module:attribute`, or `module:function(text)`
for what a library works out once and keeps), and then forks for each client, until the process that FOLDER/owner names is gone.
"""

import sys

if sys.argv[1] == "run":
    import array
    import fcntl
    import json
    import os
    import signal
    import socket

    def connect(server, folder):
        address = os.path.join(folder, "socket")
        with open(os.path.join(folder, "starting"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                return server.connect(address)
            except (FileNotFoundError, ConnectionRefusedError):
                pass
            ready, told = os.pipe()
            if os.fork() == 0:
                os.setsid()
                log = os.open(os.path.join(folder, "log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                for target, source in enumerate((os.open(os.devnull, os.O_RDONLY), told, log)):
                    os.dup2(source, target)
                # Read when they are imported. No suite asks the hub for anything, and each worker sets its threads.
                settings = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
                env = {**os.environ, **settings}
                env.pop("PYTHONPATH", None)
                os.execve(sys.executable, [sys.executable, __file__, "serve", folder], env)
            os.close(told)
            if not os.read(ready, 16):
                with open(os.path.join(folder, "log")) as log:
                    sys.exit(f"The interpreter that is to be forked did not start:\n{log.read()}")
        server.connect(address)

    _, _, folder, *arguments = sys.argv
    if arguments[0] == "-u":
        os.environ["PYTHONUNBUFFERED"] = "1"
        del arguments[0]
    with socket.socket(socket.AF_UNIX) as server:
        connect(server, folder)
        job = json.dumps({"argv": arguments, "cwd": os.getcwd(), "env": dict(os.environ)}).encode()
        streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
        server.sendmsg([len(job).to_bytes(4, "big")], streams)
        server.sendall(job)
        # The streams belong to the other process now, which alone decides when they end.
        for stream in (0, 1):
            os.close(stream)
        status = server.recv(4)
    code = int.from_bytes(status, "big", signed=True) if status else -signal.SIGKILL
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
    os._exit(code)

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import threading
from importlib import _bootstrap_external as machinery


def serve(folder):
    """Returns in the forked process alone, with what that is to run."""
    with open(os.path.join(folder, "imports")) as file:
        names = file.read().split()
    with open(os.path.join(folder, "owner")) as file:
        owner = os.pidfd_open(int(file.read()))
    # Kept for everybody, beside it in the environment, whatever the caller's environment says.
    sys.dont_write_bytecode = False
    # Nearly all that is made here stays: again and again it would be looked through for what does not.
    gc.disable()
    for name in names:
        module, _, attribute = name.partition(":")
        attribute, _, argument = attribute.partition("(")
        try:
            imported = importlib.import_module(module)
            found = getattr(imported, attribute) if attribute else None
            if argument:
                found(argument.rstrip(")"))
        except (ImportError, AttributeError) as error:
            # Whoever needs it will say so.
            print(f"{name}: {error}", file=sys.stderr)
    gc.collect()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGCHLD, reap)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(folder, "socket"))
        listener.listen(64)
        os.write(1, b"ready\n")
        os.dup2(2, 1)
        while True:
            ready, _, _ = select.select([listener, owner], [], [])
            if owner in ready:
                os._exit(0)
            if listener not in ready:
                continue
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os.close(owner)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return watch(client)
            client.close()


def reap(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        pass


def watch(client):
    """Forks once more: the child returns with its job, the parent tells the client how it ends and never returns."""
    head, streams, _, _ = socket.recv_fds(client, 4, 3)
    size, job = int.from_bytes(head, "big"), b""
    while len(job) < size:
        job += client.recv(size - len(job))
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        for target, stream in enumerate(streams):
            os.dup2(stream, target)
            os.close(stream)
        client.close()
        return json.loads(job)
    for stream in (*streams, 0, 1):
        os.close(stream)
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, client], [], [])
    if ended not in ready:
        # The caller is gone.
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        client.sendall(code.to_bytes(4, "big", signed=True))
    except OSError:
        pass
    os._exit(0)


def compile_beside_sources_of_the_environment_alone(prefix):
    """Lets the rest, what is tested, be compiled once for all in a folder of its own. A prefix alone would make Python overlook
    what lies compiled in the environment, and compile it again."""
    sys.pycache_prefix = prefix
    under_prefix = machinery.cache_from_source
    environment = os.path.join(sys.prefix, "")

    def cache_from_source(path, *args, **options):
        if not path.startswith(environment):
            return under_prefix(path, *args, **options)
        folder, name = os.path.split(path)
        return os.path.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc")

    machinery.cache_from_source = cache_from_source


def become(job):
    """Makes this process what a fresh interpreter with these arguments would be."""
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    compile_beside_sources_of_the_environment_alone(os.path.join(sys.argv[2], "compiled"))
    if os.environ.get("PYTHONUNBUFFERED"):
        sys.stdout.reconfigure(write_through=True)
    argv = job["argv"]
    # What it starts by its own name is as quick.
    sys.executable = os.path.join(sys.argv[2], "bin", "python")
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    added = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [*added, *sys.path[1:]]
    importlib.invalidate_caches()
    if any(os.path.exists(os.path.join(path, "sitecustomize.py")) for path in added):
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")
    if argv[0] == "-m":
        sys.path.insert(0, os.getcwd())
        sys.argv = argv[1:]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
    elif argv[0].startswith("-"):
        sys.exit(f"warm-python.py knows modules and scripts, not {argv[0]}")
    else:
        sys.path.insert(0, os.path.dirname(os.path.abspath(argv[0])))
        sys.argv = argv
        runpy.run_path(argv[0], run_name="__main__")


def end(code):
    """Ends as an interpreter does, as far as anyone can see: what it would take apart last, PyTorch and its company, is given
    back whole, for a half second of work less."""
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        # It has words and a status for that.
        return
    os._exit(code & 0xFF)


try:
    become(serve(sys.argv[2]))
except SystemExit as ended:
    if ended.code is None or isinstance(ended.code, int):
        end(ended.code or 0)
    raise
end(0)
