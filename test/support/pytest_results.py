"""pytest plugin: writes one line of JSON for each test to the file that DDA_PYTEST_RESULTS names, for test/python.test.ts."""

import json
import os

_outcomes: dict[str, tuple[str, str]] = {}


def pytest_runtest_logreport(report):
    # A test has three phases; the first that is not passed decides.
    outcome, text = _outcomes.get(report.nodeid, ("passed", ""))
    if outcome == "passed" and report.outcome != "passed":
        outcome, text = report.outcome, report.longreprtext
    _outcomes[report.nodeid] = (outcome, text)


def pytest_sessionfinish():
    with open(os.environ["DDA_PYTEST_RESULTS"], "w", encoding="utf-8") as file:
        for name, (outcome, text) in _outcomes.items():
            file.write(json.dumps({"name": name, "outcome": outcome, "text": text}) + "\n")
