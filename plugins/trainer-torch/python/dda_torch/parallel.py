"""Several processes on one machine, started by torchrun; a single one is the same with nothing to be shared.

Gradients are *sums* over ranks of losses whose weights are normalised over the whole mini-batch, so their number changes
nothing. ``ddp``: every rank holds all weights and gradients are summed before a step. ``fsdp``: FSDP2 shards them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from .errors import Aborted, TrainerError

T = TypeVar("T")

# Gradients are summed in pieces of this many elements: one call for each small tensor would be slow.
BUCKET = 2**25


class Parallel:
    def __init__(self, kind: str, device: torch.device):
        self.kind = kind
        self.device = device
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world = dist.get_world_size() if dist.is_initialized() else 1

    @property
    def sharded(self) -> bool:
        return self.world > 1 and self.kind == "fsdp"

    @property
    def holds_model(self) -> bool:
        """Does this rank open whole models? Of ranks that share their weights the first one alone does; the others have tensors without
        contents (on the device ``meta``) until ``shard`` gives them their parts."""
        return not self.sharded or self.rank == 0

    @property
    def loss_scale(self) -> float:
        """What a loss is multiplied by before its gradient is taken: FSDP takes the mean over ranks, and the losses are
        normalised already."""
        return float(self.world) if self.sharded else 1.0

    def share(self, batches: Sequence[T]) -> list[tuple[T, bool]]:
        """This rank's part, each with whether it counts. All ranks get equally many, because they ask together whether to
        go on, and sharded ones must run the network equally often; what does not count need not be run otherwise."""
        mine = [(batch, True) for batch in batches[self.rank :: self.world]]
        most = -(-len(batches) // self.world)
        return mine + [(batches[0], False)] * (most - len(mine))

    def shard(self, policy: nn.Module, layers: Sequence[nn.Module]) -> None:
        """Makes the parameters of rank 0 live in parts on all ranks (FSDP2), layer by layer, so that no device and no host but that of
        rank 0 ever has more than a layer whole. A unit of FSDP2 has one type of weights, so what is of
        another inside a layer or beside them (a value head in float32, adapters over bfloat16) is a unit of its own."""
        from torch.distributed.fsdp import fully_shard

        kinds = self.broadcast({name: (t.shape, t.dtype) for name, t in _tensors(policy)} if self.rank == 0 else None)
        own = {name: t.shape for name, t in _tensors(policy)}
        if own != {name: shape for name, (shape, _) in kinds.items()}:
            raise RuntimeError(f"rank {self.rank} has another model than rank 0")
        dtypes = {id(t): kinds[name][1] for name, t in _tensors(policy)}
        buffers: set[int] = set()
        for unit in [*layers, policy]:
            self._place(unit, dtypes, buffers)
            for odd in _of_other_types(unit):
                fully_shard(odd)
            fully_shard(unit)

    @torch.no_grad()
    def _place(self, unit: nn.Module, dtypes: dict[int, torch.dtype], buffers: set[int]) -> None:
        """Brings what is not yet in parts to this device, with the contents that it has on rank 0. ``buffers``: those that were brought."""
        # By the tensor that was there before: tied weights stay one. Not kept longer, or nothing of it would ever be freed.
        placed: dict[int, tuple[Tensor, Tensor]] = {}
        for module in unit.modules():
            for own in (module._parameters, module._buffers):
                for name, before in own.items():
                    if before is None or hasattr(before, "full_tensor") or id(before) in buffers:
                        continue
                    if id(before) not in placed:
                        placed[id(before)] = (before, self._from_first(before, dtypes[id(before)]))
                    now = own[name] = placed[id(before)][1]
                    if not isinstance(now, nn.Parameter):
                        buffers.add(id(now))

    def _from_first(self, before: Tensor, dtype: torch.dtype) -> Tensor:
        whole = torch.empty(before.shape, dtype=dtype, device=self.device) if before.is_meta else before.detach().to(self.device)
        whole = whole.contiguous()
        # As bytes: not every network knows every type.
        dist.broadcast(whole.flatten().view(torch.uint8), 0)
        return nn.Parameter(whole, before.requires_grad) if isinstance(before, nn.Parameter) else whole

    @contextmanager
    def whole(self, policy: nn.Module) -> Iterator[None]:
        """All weights on all ranks, for passes that ranks do not make in step: rollouts."""
        if not self.sharded:
            yield
            return
        from torch.distributed.fsdp import FSDPModule

        # A block that runs before the whole would take itself for the root.
        policy._get_fsdp_state()._lazy_init()
        modules = [module for module in policy.modules() if isinstance(module, FSDPModule)]
        for module in modules:
            module.set_reshard_after_forward(False, recurse=False)
            module.unshard()
        try:
            yield
        finally:
            for module in modules:
                # The root stays whole between forward and backward, as FSDP2 has it by default.
                module.set_reshard_after_forward(module is not policy, recurse=False)
                module.reshard()

    def synchronise(self, parameters: Sequence[nn.Parameter]) -> None:
        """The weights of rank 0 on all ranks."""
        if self.world > 1 and not self.sharded:
            for parameter in parameters:
                dist.broadcast(parameter.data, 0)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        if self.world == 1 or self.sharded:
            return
        # A rank without rows has no gradients, and must take part all the same.
        absent = torch.tensor([p.grad is None for p in parameters], dtype=torch.int32, device=self.device)
        dist.all_reduce(absent, op=dist.ReduceOp.MIN)
        wanted = [p for p, nowhere in zip(parameters, absent.tolist(), strict=True) if not nowhere]
        bucket: list[nn.Parameter] = []
        for parameter in wanted:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            if bucket and (sum(p.numel() for p in bucket) + parameter.numel() > BUCKET or bucket[0].dtype != parameter.dtype):
                _sum(bucket)
                bucket = []
            bucket.append(parameter)
        if bucket:
            _sum(bucket)

    def sum(self, numbers: dict[str, float]) -> dict[str, float]:
        """Over ranks, name by name; ``ratioMax`` is the largest."""
        if self.world == 1:
            return numbers
        parts = self.gather(numbers)
        names = dict.fromkeys(name for part in parts for name in part)
        return {
            name: (max if name == "ratioMax" else sum)(part[name] for part in parts if name in part) for name in names
        }

    def gather(self, value: T) -> list[T]:
        """Everybody's, in the order of ranks."""
        if self.world == 1:
            return [value]
        parts: list[Any] = [None] * self.world
        dist.all_gather_object(parts, value)
        return parts

    def any(self, flag: bool) -> bool:
        if self.world == 1:
            return flag
        shared = torch.tensor([int(flag)], device=self.device)
        dist.all_reduce(shared, op=dist.ReduceOp.MAX)
        return bool(shared.item())

    def check(self, check: Callable[[], None]) -> None:
        """Raises on all ranks what ``check`` raises on rank 0."""
        try:
            check()
            gone = False
        except Aborted:
            gone = True
        if self.any(gone):
            raise Aborted()

    def together(self, make: Callable[[], T]) -> T:
        """What this rank makes; where one cannot, all raise what the first such rank raised."""
        made, error = None, None
        try:
            made = make()
        except TrainerError as raised:
            error = raised
        errors = [each for each in self.gather(error) if each is not None]
        if errors:
            raise errors[0]
        return made  # type: ignore[return-value]

    def collect(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """Whole tensors in the main memory of rank 0, one after the other; nothing on the others. All ranks must call it."""
        kept = {}
        for name, tensor in tensors.items():
            whole = full(tensor)
            if self.rank == 0:
                kept[name] = whole.cpu().contiguous()
        return kept

    def broadcast(self, value: T | None) -> T:
        """Rank 0's value, on all ranks."""
        box: list[Any] = [value]
        if self.world > 1:
            dist.broadcast_object_list(box, 0)
        return box[0]


def _tensors(module: nn.Module) -> list[tuple[str, Tensor]]:
    return [*module.named_parameters(), *module.named_buffers()]


def _of_other_types(unit: nn.Module) -> list[nn.Module]:
    """Modules with weights of their own that are of another type than most of the unit's that no other unit has."""
    sizes: dict[torch.dtype, int] = {}
    for parameter in unit.parameters():
        if not hasattr(parameter, "full_tensor"):
            sizes[parameter.dtype] = sizes.get(parameter.dtype, 0) + parameter.numel()
    if len(sizes) < 2:
        return []
    main = max(sizes, key=lambda dtype: sizes[dtype])

    def differs(module: nn.Module) -> bool:
        own = [p for p in module.parameters(recurse=False) if not hasattr(p, "full_tensor")]
        return any(parameter.dtype != main for parameter in own)

    return [module for module in unit.modules() if differs(module)]


def start(device: str | None) -> torch.device:
    """Joins the other processes where torchrun started this one; the device that this rank works on. One that is not there
    is told when the policy is opened, so until then the rank works on the CPU."""
    rank = int(os.environ.get("LOCAL_RANK", "0"))
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    kind = device or default_device()
    chosen = torch.device("cpu")
    if is_there(kind, processes):
        chosen = torch.device(f"cuda:{rank}") if kind == "cuda" else torch.device(kind)
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("cpu:gloo,cuda:nccl" if chosen.type == "cuda" else "gloo")
    return chosen


def default_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def is_there(device: str, processes: int = 1) -> bool:
    """Has this machine the device, or as many of its kind as there are processes?"""
    kind, _, index = device.partition(":")
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return int(index) < count if index.isdecimal() else index == "" and processes <= count
    return device == "cpu" or (device == "mps" and torch.backends.mps.is_available())


def full(tensor: Tensor) -> Tensor:
    """All of a tensor that may be sharded; all ranks must call it."""
    tensor = tensor.detach()
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


@torch.no_grad()
def assign(target: Tensor, value: Tensor) -> None:
    """Copies a whole tensor into one that may be sharded; all ranks get rank 0's, and need no contents of their own."""
    target.copy_(sharded_like(target, value) if hasattr(target, "full_tensor") else value)


def sharded_like(like: Any, value: Tensor) -> Tensor:
    """Rank 0's whole tensor in the parts of a sharded one; the others need no contents of their own. All ranks must call it."""
    from torch.distributed.tensor import distribute_tensor

    whole = torch.empty_like(value, device=like.device) if value.is_meta else value.to(like.device)
    return distribute_tensor(whole, like.device_mesh, like.placements)


def _sum(parameters: Sequence[nn.Parameter]) -> None:
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(flat.split([g.numel() for g in gradients]), gradients, strict=True)])
