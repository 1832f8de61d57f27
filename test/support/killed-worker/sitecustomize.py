"""On the path of a PyTorch worker: kills its process, as the system would, right after the optimiser step that DDA_TEST_KILL_AT
counts to, once; the file DDA_TEST_KILLED says that it has happened."""

import os
import signal

kill_at = int(os.environ.get("DDA_TEST_KILL_AT", "0"))
told = os.environ.get("DDA_TEST_KILLED", "")

if kill_at and not os.path.exists(told):
    from torch.optim.optimizer import register_optimizer_step_post_hook

    steps = 0

    def after_step(*_):
        global steps
        steps += 1
        if steps == kill_at:
            open(told, "x").close()
            os.kill(os.getpid(), signal.SIGKILL)

    register_optimizer_step_post_hook(after_step)
