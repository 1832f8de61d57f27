"""On the path of a PyTorch worker: breaks it once, right after the optimiser step that DDA_TEST_BREAK_AT counts to; the file
DDA_TEST_BROKEN says that it has happened. DDA_TEST_BREAK: ``kill`` ends the process as the system would, ``cuda`` fails as a CUDA
kernel does."""

import os
import signal

break_at = int(os.environ.get("DDA_TEST_BREAK_AT", "0"))
told = os.environ.get("DDA_TEST_BROKEN", "")

if break_at and not os.path.exists(told):
    from torch.optim.optimizer import register_optimizer_step_post_hook

    steps = 0

    def after_step(*_):
        global steps
        steps += 1
        if steps != break_at:
            return
        open(told, "x").close()
        if os.environ.get("DDA_TEST_BREAK") == "cuda":
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        os.kill(os.getpid(), signal.SIGKILL)

    register_optimizer_step_post_hook(after_step)
