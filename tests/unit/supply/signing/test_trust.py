import json
from datetime import date
from pathlib import Path

import pytest

from bartizan.core.errors import ConfigError, InputError, UsageError
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.trust import TrustedKey, TrustedName, TrustPolicy, read_policy, trusted

KEY = SigningKey.new().public


def test_a_policy_is_read_from_toml_and_from_json(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(
        'signed_after = 2026-01-01\nroots = ["ca.pem"]\n[[key]]\npath = "k"\nmodels = ["m"]\n'
        '[[identity]]\nname = "team@bank.example"\n'
    )
    found = read_policy(tmp_path / "p.toml")
    assert found == TrustPolicy(
        signed_after=date(2026, 1, 1),
        roots=("ca.pem",),
        key=(TrustedKey(path="k", models=("m",)),),
        identity=(TrustedName(name="team@bank.example"),),
    )
    document = {
        "signed_after": "2026-01-01",
        "roots": ["ca.pem"],
        "key": [{"path": "k", "models": ["m"]}],
        "identity": [{"name": "team@bank.example"}],
    }
    (tmp_path / "p.json").write_text(json.dumps(document))
    assert read_policy(tmp_path / "p.json") == found


@pytest.mark.parametrize("text", ["nonsense", "keys = []", "revoked = ['sha256:0']", "key = 1"])
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(ConfigError, match="no trust policy"):
        read_policy(tmp_path / "p.toml")


@pytest.mark.parametrize(
    "policy",
    [
        TrustPolicy(),
        TrustPolicy(roots=("ca.pem",)),
        TrustPolicy(identity=(TrustedName(name="n"),)),
        TrustPolicy(key=(TrustedKey(),)),
        TrustPolicy(key=(TrustedKey(path="k", pem="p"),)),
    ],
)
def test_a_policy_that_trusts_nobody_or_everybody_is_refused(
    tmp_path: Path, policy: TrustPolicy
) -> None:
    with pytest.raises(ConfigError):
        trusted(policy, folder=tmp_path)


def test_keys_are_found_beside_the_policy(tmp_path: Path) -> None:
    (tmp_path / "k.pub").write_bytes(KEY.pem)
    found = trusted(TrustPolicy(key=(TrustedKey(path="k.pub"),)), folder=tmp_path)
    assert [one.fingerprint for one in found.signatories] == [KEY.fingerprint]
    with pytest.raises(UsageError, match="cannot read"):
        trusted(TrustPolicy(key=(TrustedKey(path="none"),)), folder=tmp_path)
    with pytest.raises(InputError, match="expected a public key"):
        trusted(TrustPolicy(key=(TrustedKey(pem="x"),)), folder=tmp_path)
