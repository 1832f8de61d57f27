"""The worker of trainer-trl: plans of a policy, and its training by TRL."""

from dda_worker import Worker

from . import VERSION

# First of all: whatever the libraries print then goes to standard error.
worker = Worker("trainer-trl", VERSION)


def main() -> None:
    try:
        import dda_reward
        import torch
        import transformers
        import trl
    except ImportError as error:
        worker.hello["capabilities"] = {"missing": str(error)}
        worker.serve()
        return
    from .policy import Policy
    from .training import Training

    worker.hello["capabilities"] = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "trl": trl.__version__,
        "dda_reward": dda_reward.__name__,
    }
    policy = Policy()
    training: list[Training] = []

    @worker.method("plan")
    def plan(request):
        return policy.plan(request)

    @worker.method("start")
    def start(request):
        training.append(Training(request.params))
        return {}

    @worker.method("step")
    def step(request):
        return training[0].step(request)

    @worker.method("save")
    def save(request):
        return training[0].save(request.params["folder"])

    @worker.method("export")
    def export(request):
        return training[0].export(request.params["folder"])

    worker.serve()


main()
