"""Opening again in the same process."""

from conftest import PARAMS

from dda_diffusers import service as module
from dda_diffusers.service import Service


class Open:
    """A request to open a pipeline, and what it was told meanwhile."""

    def __init__(self, **settings):
        self.params = {"settings": {"device": "cpu", "pixels": 64 * 64, "params": {"num_inference_steps": 2}, **settings}}
        self.events = []

    def event(self, data):
        self.events.append(data)


def test_the_same_weights_with_the_same_settings_are_tried_once_and_say_the_same(folders, monkeypatch):
    tried = []
    monkeypatch.setattr(module, "trial", lambda editing, trial=module.trial: tried.append(editing) or trial(editing))
    service, model = Service(), str(folders("kontext"))
    # No multiples of sixteen, which diffusers warns of.
    odd = {**PARAMS["kontext"], "width": 60, "height": 60}
    first, again = [Open(model=model, batch=2, params=odd) for _ in range(2)]
    opened = service.open(first)
    assert opened["batches"] and 500 <= opened["room"] <= 512 and "of 255 off on average" in opened["why"]
    assert service.open(again) == opened
    assert again.events == first.events != []
    assert len(tried) == 1 and service.size == 2
    # The edits' pipeline is another object, of which as much is known.
    assert service._editing is not tried[0]
    assert service._editing.room.lacks("x" * 600) == tried[0].room.lacks("x" * 600) == (600, opened["room"])


def test_other_settings_other_weights_and_another_process_are_tried_for_themselves(folders, monkeypatch):
    tried = []
    monkeypatch.setattr(module, "trial", lambda editing, trial=module.trial: tried.append(editing) or trial(editing))
    service, model, other = Service(), str(folders("instruct-pix2pix")), str(folders("instruct-pix2pix-xl"))
    for given in ({"model": model}, {"model": model, "batch": 2}, {"model": other}):
        service.open(Open(**given))
    Service().open(Open(model=model))
    assert len(tried) == 4


def test_a_trial_that_failed_is_made_again(folders, monkeypatch):
    calls = []

    def failing(editing, trial=module.trial):
        calls.append(editing)
        if len(calls) == 1:
            raise MemoryError("for once")
        return trial(editing)

    monkeypatch.setattr(module, "trial", failing)
    service, model = Service(), str(folders("instruct-pix2pix"))
    try:
        service.open(Open(model=model))
    except MemoryError:
        pass
    assert service.open(Open(model=model))["why"] == "batch: 1" and len(calls) == 2
