import numpy as np
import pytest

from bartizan.core.streams import rng
from bartizan.detect.clusters import candidates, crowds, joined
from bartizan.detect.minhash import HASHES, band_keys, coefficients, signatures, similarity

FACTORS = coefficients(rng(0, "factors"))
WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]


def text(seed: int, words: int = 30) -> str:
    return " ".join(rng(seed, "text").choice(WORDS, words))


def jaccard(left: str, right: str) -> float:
    """By sets, letter by letter."""
    one, other = ({t[i : i + 5] for i in range(len(t) - 4)} for t in (left, right))
    return len(one & other) / len(one | other)


def estimate(left: str, right: str) -> float:
    signed = signatures([left, right], factors=FACTORS)
    return float(similarity(signed, np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize("changed", [0, 1, 3, 10, 30])
@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_is_the_share_of_common_pieces(changed: int, seed: int) -> None:
    words = text(seed).split()
    other = " ".join(text(seed + 100).split()[:changed] + words[changed:])
    truth = jaccard(" ".join(words), other)
    error = 4 * np.sqrt(truth * (1 - truth) / HASHES) + 1e-9
    assert abs(estimate(" ".join(words), other) - truth) <= error


def test_case_and_blanks_do_not_matter() -> None:
    assert estimate("Hello  there\tWORLD", "hello there world ") == 1


def test_a_signature_depends_on_its_own_text_only() -> None:
    texts = [text(k, 5 + k) for k in range(40)] + ["", "a", "\u4e2d\u6587", "x" * 30_000]
    whole = signatures(texts, factors=FACTORS)
    for k, one in enumerate(texts):
        assert np.array_equal(signatures([one], factors=FACTORS)[0], whole[k])
    assert signatures([], factors=FACTORS).shape == (0, HASHES)


def test_near_texts_meet_in_a_band_and_far_ones_do_not() -> None:
    texts = [text(k) for k in range(200)]
    texts += [one.rsplit(" ", 1)[0] + " changed" for one in texts[:100]]
    left, right = candidates(band_keys(signatures(texts, factors=FACTORS)))
    pairs = set(zip(left.tolist(), right.tolist(), strict=True))
    assert {(k, k + 200) for k in range(100)} <= pairs
    assert len(pairs) < 120


def test_clusters_are_the_connected_parts() -> None:
    numbers = joined(np.array([0, 1, 5]), np.array([1, 2, 6]), n=8)
    assert len({*numbers[[0, 1, 2]].tolist()}) == 1
    assert len({*numbers.tolist()}) == 5
    assert crowds(numbers).tolist() == [0, 1, 2, 5, 6]


def test_a_large_bucket_makes_few_pairs_and_one_cluster() -> None:
    left, right = candidates(np.zeros((2, 1000), dtype=np.uint64))
    assert len(left) <= 4000
    assert len(crowds(joined(left, right, n=1000))) == 1000
    assert len(set(joined(left, right, n=1000).tolist())) == 1


def test_nothing_and_one_thing_make_no_pair() -> None:
    for n in (0, 1):
        assert len(candidates(np.zeros((2, n), dtype=np.uint64))[0]) == 0
