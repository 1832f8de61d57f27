"""Runs a program on a terminal of its own, and types.

terminal.py STEPS PROGRAM [ARGUMENT ...], where STEPS is a JSON list of [what to wait for, what to type then]: a regular expression,
looked for in what came after the step before, and keys. Prints {"status", "screen"} as JSON: the exit status, and all that was shown.
"""

import fcntl
import json
import os
import pty
import re
import struct
import sys
import termios

steps = [(re.compile(wait), keys) for wait, keys in json.loads(sys.argv[1])]
program = sys.argv[2:]

child, terminal = pty.fork()
if child == 0:
    # Without a size it has no columns, and every letter a line of its own.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    os.execvp(program[0], program)

screen = ""
read = 0
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:  # Linux says so where the other side is closed.
        data = b""
    if not data:
        break
    screen += data.decode("utf-8", "replace")
    while steps:
        found = steps[0][0].search(screen, read)
        if found is None:
            break
        read = found.end()
        os.write(terminal, steps.pop(0)[1].encode())
_, status = os.waitpid(child, 0)
print(json.dumps({"status": os.waitstatus_to_exitcode(status), "screen": screen, "untyped": len(steps)}))
