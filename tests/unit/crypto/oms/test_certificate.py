from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.certificate import certificates_of_pem, certified
from unit.crypto.oms.authorities import ISSUES, NOW, SIGNS, Authority, family, issued, usage


def checked(*chain: Authority, root: Authority, at: timedelta = timedelta(0)) -> tuple[str, ...]:
    found = certified([one.der for one in chain], roots=[root.certificate], now=NOW + at)
    return found.names


def test_a_chain_leads_to_a_root_with_or_without_the_root_in_it() -> None:
    root, middle, leaf = family()
    assert checked(leaf, middle, root=root) == ("team@bank.example",)
    assert checked(leaf, middle, root, root=root) == ("team@bank.example",)


def test_a_signer_who_is_a_root_needs_nobody_else() -> None:
    alone = issued("alone", by=None, extensions=(usage(digital_signature=True),))
    assert checked(alone, root=alone) == ("alone",)


def test_a_chain_without_the_link_in_the_middle_leads_nowhere() -> None:
    root, middle, leaf = family()
    with pytest.raises(TrustError, match="no root that is trusted"):
        checked(leaf, root=root)
    with pytest.raises(TrustError, match="not issued by the next one"):
        checked(leaf, root, root=root)
    with pytest.raises(TrustError, match="no root that is trusted"):
        checked(leaf, middle, root=issued("root", by=None))


def test_a_chain_in_another_order_is_refused() -> None:
    root, middle, leaf = family()
    with pytest.raises(TrustError):
        checked(middle, leaf, root=root)


def test_clocks_may_differ_by_minutes_and_not_by_more() -> None:
    root, middle, leaf = family(ends=NOW, begins=NOW - timedelta(days=1))
    checked(leaf, middle, root=root, at=timedelta(minutes=4))
    checked(leaf, middle, root=root, at=-timedelta(days=1, minutes=4))
    with pytest.raises(TrustError, match="expired on 2026-11-21"):
        checked(leaf, middle, root=root, at=timedelta(minutes=6))
    with pytest.raises(TrustError, match="is the clock right"):
        checked(leaf, middle, root=root, at=-timedelta(days=1, minutes=6))


def test_an_expired_issuer_is_as_bad_as_an_expired_signer() -> None:
    root = issued("root", by=None)
    middle = issued("middle", by=root, ends=NOW - timedelta(days=1))
    leaf = issued("leaf", by=middle, extensions=SIGNS)
    with pytest.raises(TrustError, match=r"middle.* expired"):
        checked(leaf, middle, root=root)


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        (usage(key_cert_sign=True),),
        (usage(digital_signature=True), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])),
        (usage(key_agreement=True), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])),
    ],
)
def test_a_certificate_for_something_else_signs_nothing(
    extensions: tuple[x509.ExtensionType, ...],
) -> None:
    root, middle, leaf = family(extensions=extensions)
    with pytest.raises(TrustError, match=r"not for signing|does not say"):
        checked(leaf, middle, root=root)


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        SIGNS,
        (x509.BasicConstraints(ca=False, path_length=None), ISSUES[1]),
        (ISSUES[0], usage(digital_signature=True)),
    ],
)
def test_who_may_not_issue_certifies_nobody(extensions: tuple[x509.ExtensionType, ...]) -> None:
    root = issued("root", by=None)
    middle = issued("middle", by=root, extensions=extensions)
    leaf = issued("leaf", by=middle, extensions=SIGNS)
    with pytest.raises(TrustError, match="may not issue"):
        checked(leaf, middle, root=root)


def test_a_root_limits_how_many_levels_there_are_below_it() -> None:
    flat = (x509.BasicConstraints(ca=True, path_length=0), ISSUES[1])
    root = issued("root", by=None, extensions=flat)
    middle = issued("middle", by=root)
    leaf = issued("leaf", by=middle, extensions=SIGNS)
    with pytest.raises(TrustError, match="fewer levels"):
        checked(leaf, middle, root=root)
    checked(issued("leaf", by=root, extensions=SIGNS), root=root)


def test_a_demand_that_is_not_understood_is_refused() -> None:
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    root, middle, leaf = family(extensions=(*SIGNS, strange))
    with pytest.raises(TrustError, match=r"1\.2\.3\.4"):
        checked(leaf, middle, root=root)


def test_a_signer_needs_a_key_on_one_of_the_curves() -> None:
    root, middle, leaf = family(key=ec.generate_private_key(ec.SECP256K1()))
    with pytest.raises(TrustError):
        checked(leaf, middle, root=root)


def test_bytes_that_are_no_certificate_are_refused() -> None:
    root, middle, leaf = family()
    for chain in ([b"", middle.der], [leaf.der + b"\0", middle.der], [leaf.der[:-1], middle.der]):
        with pytest.raises(TrustError):
            certified(chain, roots=[root.certificate], now=NOW)
    with pytest.raises(InputError, match="certificates as PEM"):
        certificates_of_pem(b"nothing", where="file")


def test_bits_of_a_signature_that_are_said_not_to_count_are_refused() -> None:
    """Found by flipping every bit: one in two certificates can be spelled in two ways."""
    root, leaf = issued("root", by=None), issued("leaf", by=None)
    while leaf.certificate.signature[-1] % 2:
        leaf = issued("leaf", by=root, extensions=SIGNS)
    at = -len(leaf.certificate.signature) - 1
    respelled = bytearray(leaf.der)
    assert respelled[at] == 0
    respelled[at] = 1
    with pytest.raises(TrustError, match="unusual way"):
        certified([bytes(respelled)], roots=[root.certificate], now=NOW)
