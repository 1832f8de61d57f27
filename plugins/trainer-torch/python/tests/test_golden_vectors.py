"""Golden vectors G1-G9: numbers that verl's own functions give in float64, to six decimals."""

import math

import pytest

from dda_torch.errors import TrainerError
from dda_torch.ppo.probe import probe

MASK = [[1, 1, 1, 1], [1, 1, 0, 0]]


def close(actual, expected, tolerance=1e-6):
    if isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected):
            close(a, e, tolerance)
    elif expected is not None:
        assert actual == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(
    ("gamma", "lam", "advantages", "returns", "whitened"),
    [
        (1, 1, [[.9, .8, .7, .6], [0, .1]], [[1, 1, 1, 1], [.5, .5]],
         [[1.018457, .752773, .487088, .221404], [-1.372703, -1.107019]]),
        (1, .95, [[.799675, .7365, .67, .6], [-.005, .1]], [[.899675, .9365, .97, 1], [.495, .5]],
         [[.914133, .731463, .539179, .336774], [-1.412578, -1.108971]]),
        (.99, .95, [[.77329, .718012, .6603, .6], [-.00995, .1]], [[.87329, .918012, .9603, 1], [.49005, .5]],
         [[.88465, .72147, .551106, .373102], [-1.427448, -1.10288]]),
    ],
)
def test_g1_gae(gamma, lam, advantages, returns, whitened):
    rewards, values = [[0, 0, 0, 1], [0, .5, 0, 0]], [[.1, .2, .3, .4], [.5, .4, 0, 0]]
    out = probe("gae", {"rewards": rewards, "values": values, "mask": MASK, "gamma": gamma, "lambda": lam})
    white = probe("whiten", {"values": out["advantages"], "mask": MASK, "variance": "unbiased", "shiftMean": True})
    for actual, expected in ((out["advantages"], advantages), (out["returns"], returns), (white, whitened)):
        close(actual[0], expected[0])
        close(actual[1][:2], expected[1])


@pytest.mark.parametrize("values", [[.1, 9, .2, 7, .3], [.1, -5, .2, 100, .3], [.1, None, .2, "NaN", .3]])
def test_g2_masked_tokens_are_skipped(values):
    mask = [[1, 0, 1, 0, 1]]
    given = {"rewards": [[0, 0, 0, 0, 1]], "values": [values], "mask": mask, "gamma": 1, "lambda": .95}
    advantages = probe("gae", given)["advantages"]
    white = probe("whiten", {"values": advantages, "mask": mask, "variance": "unbiased", "shiftMean": True})
    close(advantages[0][::2], [.82675, .765, .7])
    close(white[0][::2], [.991343, .017092, -1.008435])


RATIOS = [[1, 1.5, .5, 1.1], [4, .7, 1, 1]]
POLICY = {
    "logProbs": [[-1 + math.log(r) for r in row] for row in RATIOS],
    "oldLogProbs": [[-1] * 4] * 2,
    "advantages": [[1, 1, -1, 2], [-1, -1, 5, 5]],
    "mask": MASK, "clipLow": .2, "clipHigh": .28, "dualClip": 3,
}


@pytest.mark.parametrize(
    ("aggregation", "loss", "gradient"),
    [
        ("token-mean", .02, [-.166667, 0, 0, -.366667]),
        ("token-sum", .12, [-1, 0, 0, -2.2]),
        ("seq-mean-token-sum", .06, [-.5, 0, 0, -1.1]),
        ("seq-mean-token-mean", .49, [-.125, 0, 0, -.275]),
        ("seq-mean-token-sum-norm", .015, [-.125, 0, 0, -.275]),
    ],
)
def test_g3_policy_loss(aggregation, loss, gradient):
    out = probe("policyLoss", {**POLICY, "aggregation": aggregation})
    close(out["loss"], loss)
    close(out["gradient"], [gradient, [0, 0, 0, 0]])
    close(out["metrics"]["clipFraction"], .5)
    close(out["metrics"]["lowerClipFraction"], .166667)
    close(out["metrics"]["approxKl"], -.139541)


def test_g3_on_policy():
    out = probe("policyLoss", {**POLICY, "logProbs": POLICY["oldLogProbs"], "aggregation": "token-mean"})
    close(out["loss"], -.166667)
    close(out["gradient"], [[-.166667, -.166667, .166667, -.333333], [.166667, .166667, 0, 0]])
    assert [out["metrics"][k] for k in ("clipFraction", "lowerClipFraction", "approxKl")] == [0, 0, 0]


def test_g4_value_loss():
    out = probe("valueLoss", {
        "predictions": [[.5, .2, .9, .4], [.5, -.4, None, None]], "oldValues": [[.1, .2, .3, .4], [.5, .4, None, None]],
        "returns": [[.8] * 4, [.8, .8, None, None]], "mask": MASK, "clip": .2,
    })
    close(out["loss"], .199167)
    close(out["metrics"]["clipFraction"], .333333)
    close(out["gradient"], [[0, -.1, 0, -.066667], [-.05, -.2, 0, 0]])


@pytest.mark.parametrize(
    ("estimator", "values", "gradient"),
    [
        ("k1", [.2, -.5, 0], [1, 1, 1]),
        ("abs", [.2, .5, 0], [1, -1, None]),
        ("k2", [.02, .125, 0], [.2, -.5, 0]),
        ("k3", [.018731, .148721, 0], [.181269, -.648721, 0]),
        ("k3+", [.018731, .148721, 0], [.2, -.5, 0]),
    ],
)
def test_g5_kl(estimator, values, gradient):
    given = {"logProbs": [-1, -2, -.5], "referenceLogProbs": [-1.2, -1.5, -.5], "estimator": estimator}
    out = probe("kl", given)
    close(out["values"], values)
    close(out["gradient"], gradient)


def test_g5_k3_is_clamped():
    out = probe("kl", {"logProbs": [0, -50], "referenceLogProbs": [-50, 0], "estimator": "k3"})
    assert out["values"] == [10, 10]
    assert all(math.isfinite(slope) for slope in out["gradient"])


def test_g6_adaptive_kl():
    given = {"initial": .2, "target": 6, "horizon": 10000, "batch": 256, "observed": [12, 3, 6]}
    close(probe("adaptiveKl", given), [.201024, .19999476, .19999476], 5e-9)


def test_g7_kl_in_reward():
    given = {"scores": [0, 0, 0, 1], "kl": [.2, -.5, 0, .1], "coefficient": .1}
    close(probe("klInReward", given), [-.02, .05, 0, .99])


def test_g8_whitening():
    given = {"values": [[1, 2, 3], [4, 5, 100]], "mask": [[1, 1, 1], [1, 1, 0]]}
    unbiased = probe("whiten", {**given, "variance": "unbiased", "shiftMean": True})
    biased = probe("whiten", {**given, "variance": "biased", "shiftMean": True})
    around = probe("whiten", {**given, "variance": "unbiased", "shiftMean": False})
    close(unbiased, [[-1.264911, -.632456, 0], [.632456, 1.264911, 0]])
    close(biased, [[-1.414214, -.707107, 0], [.707107, 1.414214, 0]])
    close(around, [[1.735089, 2.367544, 3], [3.632456, 4.264911, 0]])


@pytest.mark.parametrize("mask", [[[0, 0, 0]], [[0, 1, 0]]])
def test_g8_too_few_values_are_refused(mask):
    with pytest.raises(TrainerError) as error:
        probe("whiten", {"values": [[1, 2, 3]], "mask": mask, "variance": "biased", "shiftMean": True})
    assert error.value.code == "DDA_WHITEN_MASK"


@pytest.mark.parametrize(
    ("rewards", "advantages"),
    [
        ([1, 0, 0, 1], [.866024, -.866024, -.866024, .866024]),
        ([.25, .5, .75, 1], [-1.161891, -.387297, .387297, 1.161891]),
        ([.3, .3, .3], [0, 0, 0]),
    ],
)
def test_g9_group_baseline(rewards, advantages):
    close(probe("groupAdvantages", {"rewards": rewards, "estimator": "grpo"}), advantages)
