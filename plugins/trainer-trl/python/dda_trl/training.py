"""One GRPOTrainer in a thread of its own, which waits at the end of each step until it is told to go on."""

import math
import os
import queue
import shutil
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from dda_reward import RewardClient, Settings
from dda_reward.trl import reward_functions
from dda_worker import Failure
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer


class Training:
    def __init__(self, params: dict) -> None:
        #: Commands for the trainer's thread, and what it answers.
        self._commands: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[dict] = queue.SimpleQueue()
        self._params = params
        self._thread: threading.Thread | None = None
        self._report: dict = {}
        self._trainer: GRPOTrainer | None = None

    def step(self, request: Any) -> dict:
        """Goes on to the end of the next step; its metrics."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="trl", daemon=True)
            self._thread.start()
        else:
            self._commands.put(("step", ""))
        return self._answer(request)

    def save(self, folder: str) -> dict:
        """Writes the state at the end of the last step into an empty folder."""
        self._commands.put(("save", folder))
        return self._answer(None)

    def export(self, folder: str) -> dict:
        """Writes the policy at the end of the last step as transformers reads it; the trainer's thread waits meanwhile."""
        assert self._trainer is not None
        self._trainer.save_model(folder)
        return {}

    def _answer(self, request: Any) -> dict:
        while True:
            try:
                answer = self._answers.get(timeout=0.2)
            except queue.Empty:
                if request is not None and request.cancelled:
                    raise Failure("cancelled", "cancelled") from None
                continue
            if "failure" in answer:
                raise Failure("trl", answer["failure"])
            return answer

    def _run(self) -> None:
        try:
            self._trainer = _trainer(self._params, self)
            self._trainer.train(resume_from_checkpoint=self._params["resume"])
            self._answers.put({"failure": "the training ended before the step"})
        except BaseException as error:
            traceback.print_exception(error)
            self._answers.put({"failure": f"{type(error).__name__}: {error}"[:2000]})

    def at_log(self, args: Any, state: Any, control: Any, logs: dict) -> None:
        """In the trainer's thread, when an optimiser step has been logged; a checkpoint asked for here is written right after."""
        self._gather(logs)
        if state.global_step % self._params["updates"] != 0:
            return
        self._answers.put({"step": state.global_step // self._params["updates"], "metrics": self._told()})
        self._obey(args, state, control, save_now=False)

    def at_save(self, args: Any, state: Any, control: Any) -> None:
        written = Path(args.output_dir, f"checkpoint-{state.global_step}")
        shutil.move(written, self._folder)
        self._answers.put({"saved": self._folder})
        self._obey(args, state, control, save_now=True)

    def _obey(self, args: Any, state: Any, control: Any, save_now: bool) -> None:
        command, folder = self._commands.get()
        if command != "save":
            return
        self._folder = os.path.join(folder, "checkpoint")
        control.should_save = True

    def _gather(self, logs: dict) -> None:
        for name, value in logs.items():
            if isinstance(value, (int, float)) and math.isfinite(value):
                self._report.setdefault(name, []).append(float(value))

    def _told(self) -> dict:
        """Means over the optimiser steps of the step. What was not a number is left out: it was not measured."""
        told = {f"trl/{name}": sum(values) / len(values) for name, values in self._report.items() if name != "epoch"}
        self._report = {}
        return told


class _Steps(TrainerCallback):
    def __init__(self, training: Training) -> None:
        self._training = training

    def on_log(self, args: Any, state: Any, control: Any, logs: dict | None = None, **_unused: Any) -> None:
        # The summary at the end of the training is the log of no step.
        if logs is not None and "train_runtime" not in logs:
            self._training.at_log(args, state, control, logs)

    def on_save(self, args: Any, state: Any, control: Any, **_unused: Any) -> None:
        self._training.at_save(args, state, control)


def _trainer(params: dict, training: Training) -> GRPOTrainer:
    if params["threads"] is not None:
        torch.set_num_threads(params["threads"])
    client = RewardClient(Settings(url=params["url"], token=params["token"], timeout=params["timeout"]))
    config = GRPOConfig(
        **params["config"],
        output_dir=tempfile.mkdtemp(prefix="trl-", dir=params["folder"]),
        model_init_kwargs={"dtype": params["dtype"]},
        # Models of some families drop units by default; ours never do while they learn by ratios.
        disable_dropout=True,
        logging_steps=1,
        logging_first_step=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    return GRPOTrainer(
        params["model"],
        reward_functions(params["streams"], client),
        args=config,
        train_dataset=load_dataset(
            "parquet", data_files=params["data"], split="train", cache_dir=os.path.join(params["folder"], "cache")
        ),
        callbacks=[_Steps(training)],
    )
