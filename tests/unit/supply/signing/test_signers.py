"""One rule of the policy that fits is enough, and a refusal names every rule."""

from pathlib import Path

import pytest

from bartizan.core.artifact import Artifact, Vouched
from bartizan.core.errors import TrustError
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen, pen_of, sign
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustedName, TrustPolicy, trusted
from bartizan.supply.signing.verification import vouched
from bartizan.supply.signing.versions import Seen
from unit.crypto.oms.authorities import NOW, family
from unit.supply.signing.signed import Signed, folder_model, signed


@pytest.fixture
def made(tmp_path: Path) -> Signed:
    return signed(tmp_path, version=3)


def keys(made: Signed, *rules: tuple[str, ...]) -> Trust:
    """The same key under several rules, each with its models."""
    pem = made.pen.key.public.pem.decode()
    named = tuple(TrustedKey(pem=pem, models=models) for models in rules)
    return trusted(TrustPolicy(key=named), folder=made.model.parent)


@pytest.mark.parametrize(
    "rules",
    [
        (("credit",), ("fraud",)),
        (("fraud",), ("credit",)),
        (("credit",), ("other",), ()),
        (("credit",), ("other", "fraud")),
    ],
)
def test_any_rule_that_fits_lets_a_model_in(made: Signed, rules: tuple[tuple[str, ...]]) -> None:
    assert made.check(trust=keys(made, *rules)).artifact.name == "fraud"


def test_where_no_rule_fits_each_is_named_with_its_reason(made: Signed) -> None:
    with pytest.raises(TrustError) as caught:
        made.check(trust=keys(made, ("credit",), ("other", "fraud/parts")))
    told = str(caught.value)
    assert "key 1 may sign credit below" in told
    assert "key 2 may sign other, fraud/parts below" in told


def test_a_rule_of_another_key_lets_nothing_in(made: Signed) -> None:
    other = TrustedKey(pem=SigningKey.new().public.pem.decode(), models=("fraud",))
    mine = TrustedKey(pem=made.pen.key.public.pem.decode(), models=("credit",))
    policy = TrustPolicy(key=(other, mine))
    with pytest.raises(TrustError, match="key 2 may sign credit"):
        made.check(trust=trusted(policy, folder=made.model.parent))
    stranger = TrustPolicy(key=(other,))
    with pytest.raises(TrustError, match=r"not trusted here; expected key 1 \("):
        made.check(trust=trusted(stranger, folder=made.model.parent))


def test_the_demands_of_the_whole_policy_hold_under_every_rule(made: Signed) -> None:
    rules = keys(made, ("credit",), ())
    root = made.signature.statement.manifest.root
    policy = TrustPolicy(key=rules.policy.key, revoked=(root,))
    with pytest.raises(TrustError, match="revoked"):
        made.check(trust=trusted(policy, folder=made.model.parent))


class Certified:
    """A model that somebody with two names in their certificate signed."""

    def __init__(self, place: Path) -> None:
        root, middle, leaf = family()
        self.model = folder_model(place)
        self.pen = pen_of(
            SigningKey(leaf.key), certificates=leaf.pem + middle.pem, where="chain", now=NOW
        )
        sign(self.model, pen=self.pen, now=NOW, version=1)
        (place / "root.pem").write_bytes(root.pem)

    def trust(self, *rules: tuple[str, tuple[str, ...]]) -> Trust:
        named = tuple(TrustedName(name=name, models=models) for name, models in rules)
        return trusted(TrustPolicy(roots=("root.pem",), identity=named), folder=self.model.parent)

    def check(self, *rules: tuple[str, tuple[str, ...]]) -> Vouched[Artifact]:
        return vouched(self.model, trust=self.trust(*rules), now=NOW)


def test_identities_are_rules_like_keys(tmp_path: Path) -> None:
    made, team = Certified(tmp_path), "team@bank.example"
    assert made.check((team, ("credit",)), (team, ("fraud",))).artifact.name == "fraud"
    with pytest.raises(TrustError, match=r"identity 1 may sign credit .*identity 2 may sign other"):
        made.check((team, ("credit",)), (team, ("other",)))
    with pytest.raises(TrustError, match=r"identity 1 \(else\), identity 2 \(other\)"):
        made.check(("else", ()), ("other", ()))


def test_who_signs_is_called_alike_by_signing_and_by_verifying(tmp_path: Path) -> None:
    made = Certified(tmp_path)
    assert made.pen.label == made.check(("team@bank.example", ())).voucher.signer
    bare = Pen(key=SigningKey.new())
    assert bare.label == f"key:{bare.key.public.fingerprint}"


def test_memory_is_asked_for_the_model_of_the_signer_once(made: Signed) -> None:
    asked: list[tuple[str, str]] = []

    def seen(name: str, signer: str) -> Seen | None:
        asked.append((name, signer))
        return None

    made.check(trust=keys(made, ("credit",), ("fraud",)), seen=seen)
    assert asked == [("fraud", made.pen.label)]
