"""Anchors in a chain that runs in this process: real blocks and reorganisations."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from authority import served
from bartizan.core.errors import ConfigError, LedgerError, UsageError
from bartizan.core.record import decode, encode
from bartizan.ledger.anchor import AnchorProof
from bartizan.ledger.anchor_chain import PREFIX, ChainAnchor, ChainPlace, call_data
from bartizan.ledger.chain_node import ChainNode, Sender
from bartizan.ledger.checkpoint import Checkpoint

web3 = pytest.importorskip("web3", reason="needs the extra evm")
pytest.importorskip("eth_tester", reason="needs the development extra")

CHECKPOINT = Checkpoint(origin="log.example/data", size=7, root=bytes(range(32)))
TEXT = CHECKPOINT.text()
OTHER = Checkpoint(origin="log.example/data", size=7, root=bytes(range(1, 33))).text()
SOURCES = Path(__file__).parents[3] / "src"
KEY = "0x" + "4c" * 32


class Chain:
    """A chain of one's own."""

    def __init__(self) -> None:
        self.provider = web3.EthereumTesterProvider()
        self.web3 = web3.Web3(self.provider)
        self.tester = self.provider.ethereum_tester
        self.id = int(self.web3.eth.chain_id)
        account = self.web3.eth.account.from_key(KEY).address
        rich = self.web3.eth.accounts[0]
        self.web3.eth.send_transaction({"from": rich, "to": account, "value": 10**18})
        self.account = str(account)

    def node(self) -> ChainNode:
        return ChainNode(provider=lambda: self.provider)

    def anchor(self, **other: Any) -> ChainAnchor:
        settings: dict[str, Any] = {"chain": self.id, "depth": 1, "node": self.node()}
        return ChainAnchor(**{**settings, **other})


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    monkeypatch.setenv("ANCHOR_KEY", KEY)
    return Chain()


PAYS = Sender(key="env:ANCHOR_KEY")


def test_a_transaction_is_read_back_and_tells_what_and_when(chain: Chain) -> None:
    proof = chain.anchor(sender=PAYS).anchor(TEXT)
    found = chain.anchor().verify(proof, text=TEXT)
    place = decode(proof.body, kind=ChainPlace)
    assert (found.kind, found.checkpoint.size, found.checkpoint.root) == (
        "evm",
        7,
        bytes(range(32)),
    )
    assert found.when.timestamp() == chain.web3.eth.get_block(place.block)["timestamp"]
    assert place.transaction in found.place


def test_the_call_data_is_prefix_hash_and_size() -> None:
    # printf '%s\n7\n%s\n' log.example/data AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= | sha256sum
    digest = "1a63040dda7e39166c27aa571eb938ed2cd08679948838615d277987bbffcf35"
    assert call_data(TEXT) == b"BTZNLOG1" + bytes.fromhex(digest) + b"\0\0\0\0\0\0\0\7"
    assert len(PREFIX) == 8


def test_an_anchor_goes_to_its_own_account_moves_nothing_and_costs_about_23_000_gas(
    chain: Chain,
) -> None:
    proof = chain.anchor(sender=PAYS).anchor(TEXT)
    hashed = decode(proof.body, kind=ChainPlace).transaction
    sent = chain.web3.eth.get_transaction(hashed)
    assert (sent["from"], sent["to"], sent["value"]) == (chain.account, chain.account, 0)
    # EIP-7623: 21,000 and 10 for each token; a byte is 4 tokens, and a zero byte is one.
    data = call_data(TEXT)
    floor = 21_000 + 10 * (data.count(0) + 4 * (len(data) - data.count(0)))
    assert chain.web3.eth.get_transaction_receipt(hashed)["gasUsed"] == floor
    assert 22_000 < floor <= sent["gas"] < 23_000


def test_a_recipient_that_was_asked_for_is_kept_and_checked(chain: Chain) -> None:
    to = chain.web3.eth.accounts[1]
    proof = chain.anchor(sender=PAYS, to=to).anchor(TEXT)
    chain.anchor(to=to.lower()).verify(proof, text=TEXT)
    with pytest.raises(LedgerError, match="the transaction went to"):
        chain.anchor().verify(proof, text=TEXT)


def test_too_few_blocks_above_it_do_not_count_yet(chain: Chain) -> None:
    proof = chain.anchor(sender=PAYS, depth=3).anchor(TEXT)
    reader = chain.anchor(depth=3)
    with pytest.raises(LedgerError, match="is 1 blocks deep, 3 are asked for"):
        reader.verify(proof, text=TEXT)
    chain.tester.mine_block()
    with pytest.raises(LedgerError, match="is 2 blocks deep"):
        reader.verify(proof, text=TEXT)
    chain.tester.mine_block()
    reader.verify(proof, text=TEXT)


def test_another_text_is_refused(chain: Chain) -> None:
    proof = chain.anchor(sender=PAYS).anchor(TEXT)
    with pytest.raises(LedgerError, match="carries something else"):
        chain.anchor().verify(msgspec.structs.replace(proof, text=OTHER), text=OTHER)
    with pytest.raises(LedgerError, match="about another checkpoint"):
        chain.anchor().verify(proof, text=OTHER)


def test_money_that_moves_with_the_right_data_is_no_anchor(chain: Chain) -> None:
    rich = chain.web3.eth.accounts[0]
    sent = chain.web3.eth.send_transaction(
        {"from": rich, "to": rich, "value": 1, "data": call_data(TEXT)}
    )
    with pytest.raises(LedgerError, match="carries something else"):
        chain.anchor().collect(TEXT, transaction="0x" + bytes(sent).hex())


def test_a_transaction_that_a_reorganisation_dropped_is_missed(chain: Chain) -> None:
    before = chain.tester.take_snapshot()
    proof = chain.anchor(sender=PAYS).anchor(TEXT)
    chain.tester.revert_to_snapshot(before)
    chain.tester.mine_block()
    with pytest.raises(LedgerError, match="reorganisation dropped it"):
        chain.anchor().verify(proof, text=TEXT)


def test_a_transaction_that_came_into_another_block_needs_its_proof_anew(chain: Chain) -> None:
    before = chain.tester.take_snapshot()
    anchor = chain.anchor(sender=PAYS)
    proof = anchor.anchor(TEXT)
    chain.tester.revert_to_snapshot(before)
    chain.tester.mine_block()
    chain.tester.mine_block()
    again = anchor.anchor(TEXT)  # the same nonce and data; the fees may differ
    place = decode(again.body, kind=ChainPlace)
    was = msgspec.structs.replace(
        decode(proof.body, kind=ChainPlace), transaction=place.transaction
    )
    with pytest.raises(LedgerError, match="the chain was reorganised"):
        anchor.verify(msgspec.structs.replace(proof, body=encode(was)), text=TEXT)
    anchor.verify(anchor.collect(TEXT, transaction=place.transaction), text=TEXT)


def test_a_node_of_another_chain_is_refused(chain: Chain) -> None:
    proof = chain.anchor(sender=PAYS).anchor(TEXT)
    with pytest.raises(LedgerError, match=f"a node of chain 1, got one of chain {chain.id}"):
        chain.anchor(chain=1, sender=PAYS).anchor(TEXT)
    with pytest.raises(LedgerError, match=f"about chain {chain.id}, and chain 1"):
        chain.anchor(chain=1).verify(proof, text=TEXT)


def test_a_transaction_that_is_in_no_block_is_waited_for_and_found_later(chain: Chain) -> None:
    chain.tester.disable_auto_mine_transactions()
    slept: list[float] = []
    anchor = chain.anchor(
        sender=PAYS, wait_s=5, poll_s=2, sleep=slept.append, clock=lambda: 2.0 * len(slept)
    )
    with pytest.raises(UsageError, match="is in no block after 5 s") as caught:
        anchor.anchor(TEXT)
    assert slept == [2, 2, 2]
    sent = next(word for word in str(caught.value).split() if word.startswith("0x"))
    chain.tester.mine_block()
    anchor.verify(anchor.collect(TEXT, transaction=sent), text=TEXT)


def test_an_unknown_transaction_is_missing(chain: Chain) -> None:
    place = ChainPlace(chain=chain.id, transaction="0x" + "01" * 32, block=1, block_hash="0x")
    proof = AnchorProof(kind="evm", text=TEXT, body=encode(place))
    with pytest.raises(LedgerError, match="knows no transaction 0x0101"):
        chain.anchor().verify(proof, text=TEXT)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"schema":"chainplace/1"}'])
def test_a_proof_without_a_place_is_refused(chain: Chain, body: bytes) -> None:
    with pytest.raises(LedgerError, match="names no place in a chain"):
        chain.anchor().verify(AnchorProof(kind="evm", text=TEXT, body=body), text=TEXT)


def test_a_proof_of_another_kind_is_refused(chain: Chain) -> None:
    with pytest.raises(LedgerError, match="of kind evm, got one of kind rfc3161"):
        chain.anchor().verify(AnchorProof(kind="rfc3161", text=TEXT, body=b""), text=TEXT)


def test_a_price_above_the_limit_is_not_paid(chain: Chain) -> None:
    height = chain.web3.eth.block_number
    with pytest.raises(UsageError, match="and 1000 are allowed"):
        chain.anchor(sender=Sender(key="env:ANCHOR_KEY", most_wei=1000)).anchor(TEXT)
    assert chain.web3.eth.block_number == height


def test_an_account_without_money_is_told_so(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANCHOR_KEY", "0x" + "55" * 32)
    with pytest.raises(UsageError, match="the node"):
        chain.anchor(sender=PAYS).anchor(TEXT)


@pytest.mark.parametrize("key", ["abc", "0x" + "zz" * 32, "0x" + "00" * 32, "4c" * 33])
def test_a_key_that_is_none_never_stands_in_the_message(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("ANCHOR_KEY", key)
    with pytest.raises(UsageError, match="private key of 32 bytes") as caught:
        chain.anchor(sender=PAYS).anchor(TEXT)
    assert key not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_key_no_anchor(chain: Chain) -> None:
    with pytest.raises(UsageError, match="by reference"):
        chain.anchor().anchor(TEXT)
    with pytest.raises(UsageError, match="expected a reference to a secret") as caught:
        chain.anchor(sender=Sender(key=KEY)).anchor(TEXT)
    assert KEY not in str(caught.value)
    assert KEY not in repr(Sender(key=KEY))


def test_a_node_that_is_down_is_told_so_without_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NODE", "http://127.0.0.1:9/v3/secret-project-id")
    anchor = ChainAnchor(node=ChainNode(address="env:NODE"), chain=1)
    place = ChainPlace(chain=1, transaction="0x" + "01" * 32, block=1, block_hash="0x")
    proof = AnchorProof(kind="evm", text=TEXT, body=encode(place))
    with pytest.raises(UsageError, match="the node gave no answer") as caught:
        anchor.verify(proof, text=TEXT)
    assert "secret-project-id" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_is_no_address_of_a_node_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected the address of a node"):
        ChainNode(address="ws://localhost").chain()


def bridge(chain: Chain) -> Callable[[bytes], tuple[int, str, bytes]]:
    """The chain behind JSON-RPC, as a node speaks it."""
    ask = chain.provider.request_func(chain.web3, chain.web3.middleware_onion)

    def spelled(value: object) -> str:
        return "0x" + bytes(value).hex()  # type: ignore[call-overload] # hashes and call data

    def answer(body: bytes) -> tuple[int, str, bytes]:
        asked = json.loads(body)
        found = dict(ask(asked["method"], asked["params"]))
        found["id"] = asked["id"]
        text = json.dumps(found, default=lambda v: dict(v) if hasattr(v, "keys") else spelled(v))
        return 200, "application/json", text.encode()

    return answer


def test_a_node_behind_http_serves_the_same(chain: Chain) -> None:
    with served(bridge(chain)) as url:
        anchor = chain.anchor(node=ChainNode(address=url), sender=PAYS)
        proof = anchor.anchor(TEXT)
        found = anchor.verify(proof, text=TEXT)
    assert found == chain.anchor().verify(proof, text=TEXT)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"jsonrpc":"2.0","id":1,"result":null}',
        b'{"jsonrpc":"2.0","id":0,"result":"0xzz"}',
        b'{"jsonrpc":"2.0","id":0,"result":{}}',
        b'{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"pay first"}}',
        b"\xff" * 100,
    ],
)
def test_whatever_else_a_node_says_is_one_clear_error(chain: Chain, said: bytes) -> None:
    place = ChainPlace(chain=1, transaction="0x" + "01" * 32, block=1, block_hash="0x")
    proof = AnchorProof(kind="evm", text=TEXT, body=encode(place))
    for status in (200, 500):
        with served(lambda _: (status, "application/json", said)) as url:  # noqa: B023 - used at once
            reader = chain.anchor(chain=1, node=ChainNode(address=url))
            with pytest.raises((UsageError, LedgerError)) as caught:
                reader.verify(proof, text=TEXT)
        assert url not in str(caught.value)
        assert len(str(caught.value)) < 400


def test_a_chain_does_not_raise_the_limit_of_recursion() -> None:
    script = (
        "import sys; from bartizan.ledger.chain_node import ChainNode; "
        "ChainNode(address='http://127.0.0.1:1')._web3; print(sys.getrecursionlimit())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == 1000
