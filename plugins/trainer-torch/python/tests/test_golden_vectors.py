"""Golden vectors G1-G11, which the framework's test kit keeps for tests in any language; G1-G9 are those of verl's functions."""

import json
import math
from pathlib import Path

import pytest

from dda_torch.errors import TrainerError
from dda_torch.ppo.probe import probe

FILE = Path(__file__).parents[4] / "packages/testkit/golden-vectors.json"
if not FILE.is_file():
    pytest.skip("the test kit is not here", allow_module_level=True)
GOLDEN = json.loads(FILE.read_text())


def close(actual, expected, tolerance=GOLDEN["tolerance"]):
    if isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected):
            close(a, e, tolerance)
    elif expected is not None:
        assert actual == pytest.approx(expected, abs=tolerance)


def close_where(mask, actual, expected, tolerance=GOLDEN["tolerance"]):
    for bits, a, e in zip(mask, actual, expected, strict=True):
        close([x for x, bit in zip(a, bits, strict=True) if bit], [x for x, bit in zip(e, bits, strict=True) if bit], tolerance)


def whiten(values, mask, variance="unbiased", shift=True):
    return probe("whiten", {"values": values, "mask": mask, "variance": variance, "shiftMean": shift})


@pytest.mark.parametrize("case", GOLDEN["gae"]["cases"], ids=lambda case: f"{case['gamma']}, {case['lambda']}")
def test_g1_gae(case):
    given = GOLDEN["gae"]
    out = probe("gae", {**given, "gamma": case["gamma"], "lambda": case["lambda"]})
    close_where(given["mask"], out["advantages"], case["advantages"])
    close_where(given["mask"], out["returns"], case["returns"])
    close_where(given["mask"], whiten(out["advantages"], given["mask"]), case["whitened"])


@pytest.mark.parametrize("values", ["values", "otherValues", "poisoned"])
def test_g2_masked_tokens_are_skipped(values):
    given = GOLDEN["interleaved"]
    poisoned = [[value if bit else (None, "NaN")[i % 2] for i, (value, bit) in enumerate(zip(given["values"][0], given["mask"][0]))]]
    advantages = probe("gae", {**given, "values": given.get(values, poisoned)})["advantages"]
    close_where(given["mask"], advantages, given["advantages"])
    close_where(given["mask"], whiten(advantages, given["mask"]), given["whitened"])


def policy(**more):
    given = GOLDEN["policyLoss"]
    old = given["oldLogProb"]
    return {
        **given,
        "logProbs": [[old + math.log(ratio) for ratio in row] for row in given["ratios"]],
        "oldLogProbs": [[old for _ in row] for row in given["ratios"]],
        **more,
    }


@pytest.mark.parametrize("case", GOLDEN["policyLoss"]["cases"], ids=lambda case: case["aggregation"])
def test_g3_policy_loss(case):
    out = probe("policyLoss", policy(aggregation=case["aggregation"]))
    close(out["loss"], case["loss"])
    close(out["gradient"], [case["gradient"], [0] * 4])
    for name in ("clipFraction", "lowerClipFraction", "approxKl"):
        close(out["metrics"][name], GOLDEN["policyLoss"][name])


def test_g3_on_policy():
    expected = GOLDEN["policyLoss"]["onPolicy"]
    out = probe("policyLoss", policy(logProbs=policy()["oldLogProbs"], aggregation="token-mean"))
    close(out["loss"], expected["loss"])
    close_where(GOLDEN["policyLoss"]["mask"], out["gradient"], expected["gradient"])
    assert [out["metrics"][k] for k in ("clipFraction", "lowerClipFraction", "approxKl")] == [0, 0, 0]


@pytest.mark.parametrize("poison", [False, True])
def test_g4_value_loss(poison):
    given = GOLDEN["valueLoss"]
    spoilt = {
        name: [[value if bit else None for value, bit in zip(row, bits)] for row, bits in zip(given[name], given["mask"])]
        for name in ("predictions", "oldValues", "returns")
    }
    out = probe("valueLoss", {**given, **(spoilt if poison else {})})
    close(out["loss"], given["loss"])
    close(out["metrics"]["clipFraction"], given["clipFraction"])
    close_where(given["mask"], out["gradient"], given["gradient"])


@pytest.mark.parametrize("case", GOLDEN["kl"]["cases"], ids=lambda case: case["estimator"])
def test_g5_kl(case):
    out = probe("kl", {**GOLDEN["kl"], "estimator": case["estimator"]})
    close(out["values"], case["values"])
    close(out["gradient"], case["gradient"])


def test_g5_k3_is_clamped():
    far = GOLDEN["kl"]["far"]
    out = probe("kl", {**far, "estimator": "k3"})
    assert out["values"] == far["k3"]
    assert all(math.isfinite(slope) for slope in out["gradient"])


def test_g6_adaptive_kl():
    close(probe("adaptiveKl", GOLDEN["adaptiveKl"]), GOLDEN["adaptiveKl"]["coefficients"], 5e-9)


def test_g7_kl_in_reward():
    close(probe("klInReward", GOLDEN["klInReward"]), GOLDEN["klInReward"]["rewards"])


def test_g8_whitening():
    given = GOLDEN["whiten"]
    values, mask = given["values"], given["mask"]
    close_where(mask, whiten(values, mask), given["unbiased"])
    close_where(mask, whiten(values, mask, "biased"), given["biased"])
    close_where(mask, whiten(values, mask, shift=False), given["unbiasedAroundMean"])
    published = given["published"]
    everywhere = [[1] * len(row) for row in published["values"]]
    for variance in ("biased", "unbiased"):
        close(whiten(published["values"], everywhere, variance, shift=False), published[variance], published["tolerance"])


@pytest.mark.parametrize("mask", [[[0, 0, 0]], [[0, 1, 0]]])
def test_g8_too_few_values_are_refused(mask):
    with pytest.raises(TrainerError) as error:
        whiten([[1, 2, 3]], mask, "biased")
    assert error.value.code == "DDA_WHITEN_MASK"


@pytest.mark.parametrize("case", GOLDEN["groupBaseline"]["cases"], ids=lambda case: str(case["rewards"]))
def test_g9_group_baseline(case):
    close(probe("groupAdvantages", {"rewards": case["rewards"], "estimator": "grpo"}), case["advantages"])


@pytest.mark.parametrize("peer", ["verl", "trl"])
def test_g11_streams(peer):
    given, expected = GOLDEN["streams"], GOLDEN["streams"][peer]
    count = expected["tokens"]

    def placed(scores):
        return [[0] * (count - 1) + [score] for score in scores]

    ones = [[1] * count for _ in given["groups"]]
    zeros = placed([0] * len(ones))
    base = {
        "rewards": placed([a + b for a, b in zip(given["cognitive"], given["visual"], strict=True)]), "kl": zeros, "klCoefficient": 0,
        "values": zeros, "mask": ones, "tokens": ones, "groups": given["groups"], "estimator": "grpo", "gamma": 1, "lambda": 1,
        "whiten": False, "whitenVariance": "unbiased", "groupCentre": "off",
    }
    for key, names in (("normalized", ("cognitive", "visual")), ("oneLive", ("cognitive", "constant"))):
        parts = [{"weight": 1, "rewards": placed(given[name]), "asked": [True] * len(ones)} for name in names]
        found = probe("advantages", {**base, "streams": {"mode": "normalized", "parts": parts}})["advantages"]
        close([row[0] for row in found], expected[key], expected["tolerance"])
    if "sum" in expected:
        close([row[0] for row in probe("advantages", base)["advantages"]], expected["sum"], expected["tolerance"])


@pytest.mark.parametrize("case", GOLDEN["groupCentre"]["cases"], ids=lambda case: case["groupCentre"])
def test_g10_group_centring(case):
    given = GOLDEN["groupCentre"]
    mask, tokens = given["mask"], given["tokens"]
    zeros = [[0] * len(row) for row in mask]
    out = probe("advantages", {
        "rewards": given["rewards"], "kl": zeros, "klCoefficient": 0, "values": zeros, "mask": mask, "tokens": tokens,
        "groups": ["a"] * len(mask), "estimator": "gae", "gamma": 1, "lambda": 1, "whiten": False, "whitenVariance": "unbiased",
        "groupCentre": case["groupCentre"],
    })
    close_where(mask, out["advantages"], case["advantages"])
    close_where(mask, out["returns"], given["cases"][0]["advantages"])
