"""EVM chains: one transaction for each checkpoint, without a contract.

The transaction goes from an account to itself, moves nothing, and carries 48 bytes: a prefix,
the SHA-256 of the checkpoint's text and the log's size. Rows and entries never go on a chain: a
root stands for all of them, at the price of one transaction for as many as one likes. On a public
chain the block's time is what many strangers agreed on; on one of a consortium, what its members
did.

A node is believed about its chain. Whoever does not believe one asks two, or runs one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.record import Record, decode, encode
from bartizan.ledger.anchor import Anchored, AnchorProof, Kind, require_about
from bartizan.ledger.chain_node import ChainNode, Sender, Transaction
from bartizan.ledger.checkpoint import parse_checkpoint

PREFIX = b"BTZNLOG1"
"""Begins the call data, so that anchors can be told from other transactions."""
DEPTH = 12
"""Blocks, the transaction's own among them, after which it counts: about 2.5 minutes of Ethereum,
past every reorganisation seen there since it went to proof of stake (the longest had 7)."""


class ChainPlace(Record, frozen=True, kw_only=True, tag_field="schema", tag="chainplace/1"):
    """Where in which chain."""

    chain: int
    """Its id, as of EIP-155."""
    transaction: str
    """Hash, hexadecimal with 0x."""
    block: int
    """Number."""
    block_hash: str
    """Hexadecimal with 0x."""


@dataclass(frozen=True, kw_only=True)
class ChainAnchor:
    """One chain as one node shows it."""

    node: ChainNode
    chain: int
    """The chain's id; a node of another chain is refused."""
    sender: Sender | None = None
    """Who pays; not needed to verify."""
    to: str = ""
    """Address of the recipient; empty = the sender's own."""
    depth: int = DEPTH
    wait_s: float = 300.0
    """For the transaction to get into a block."""
    poll_s: float = 1.0
    """Between two looks."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @property
    def kind(self) -> Kind:
        """Also the ending of the file."""
        return "evm"

    def anchor(self, text: str) -> AnchorProof:
        """Send the transaction and wait until it is in a block.

        It counts for readers only once it is `depth` blocks deep.

        Raises:
            UsageError: no key, no node, too dear, or not in a block after `wait_s`.
            LedgerError: the node is of another chain, or shows something else than was sent.
        """
        if self.sender is None:
            message = (
                "expected the key of the account that pays, by reference: env:NAME or file:PATH"
            )
            raise UsageError(message)
        self._require_chain()
        sent = self.node.send(call_data(text), sender=self.sender, to=self.to, chain=self.chain)
        return self.collect(text, transaction=sent)

    def collect(self, text: str, *, transaction: str) -> AnchorProof:
        """The proof that a transaction which was sent before has made.

        Raises:
            UsageError: no node, or not in a block after `wait_s`.
            LedgerError: it is no anchor of this text.
        """
        self._require_chain()
        found, block = self._in_a_block(transaction)
        place = ChainPlace(
            chain=self.chain, transaction=transaction, block=block, block_hash=found.block_hash
        )
        self._require_anchor(found, text=text)
        return AnchorProof(kind="evm", text=text, body=encode(place))

    def verify(self, proof: AnchorProof, *, text: str) -> Anchored:
        """Read the transaction back, and look whether it is where the proof says, deep enough.

        Raises:
            UsageError: no node.
            LedgerError: it does not hold, or not yet.
        """
        checkpoint = require_about(proof, kind=self.kind, text=text)
        place = _place(proof.body)
        if place.chain != self.chain:
            message = f"the proof is about chain {place.chain}, and chain {self.chain} is asked for"
            raise LedgerError(message)
        self._require_chain()
        found = self.node.transaction(place.transaction)
        if found is None:
            message = (
                f"the chain knows no transaction {place.transaction}: it was never sent, or a "
                "reorganisation dropped it; anchor the checkpoint again"
            )
            raise LedgerError(message)
        self._require_anchor(found, text=text)
        when = self._require_deep(found, place=place)
        return Anchored(
            kind=self.kind,
            checkpoint=checkpoint,
            when=when,
            place=f"transaction {place.transaction} in block {place.block} of chain {self.chain}",
        )

    def _require_chain(self) -> None:
        shown = self.node.chain()
        if shown != self.chain:
            message = f"expected a node of chain {self.chain}, got one of chain {shown}"
            raise LedgerError(message)

    def _in_a_block(self, transaction: str) -> tuple[Transaction, int]:
        until = self.clock() + self.wait_s
        while True:
            found = self.node.transaction(transaction)
            if found is not None and found.block is not None:
                return found, found.block
            if self.clock() >= until:
                message = (
                    f"transaction {transaction} is in no block after {self.wait_s:g} s; do not "
                    "send another: ask for its proof later, by its hash"
                )
                raise UsageError(message)
            self.sleep(self.poll_s)

    def _require_anchor(self, found: Transaction, *, text: str) -> None:
        """The transaction's own words: recipient, nothing moved, and this checkpoint."""
        wanted = self.to.lower() or found.sender
        if found.to != wanted:
            message = f"the transaction went to {found.to}, and an anchor goes to {wanted}"
            raise LedgerError(message)
        if found.data != call_data(text) or found.value != 0:
            message = "the transaction carries something else than this checkpoint"
            raise LedgerError(message)

    def _require_deep(self, found: Transaction, *, place: ChainPlace) -> datetime:
        """The place in the chain; returns the block's time."""
        block = self.node.block(place.block)
        same = block is not None and block.hash == place.block_hash == found.block_hash
        if block is None or not same or place.transaction not in block.transactions:
            message = (
                f"the chain was reorganised: block {place.block} is no longer the one that held "
                f"transaction {place.transaction}; ask for the transaction's proof again"
            )
            raise LedgerError(message)
        deep = self.node.height() - place.block + 1
        if deep < self.depth:
            message = f"the transaction is {deep} blocks deep, {self.depth} are asked for; wait"
            raise LedgerError(message)
        return block.when


def call_data(text: str) -> bytes:
    """What a transaction carries for a checkpoint's text: 48 bytes.

    Returns:
        Prefix, SHA-256 of the text, and the size on its second line, 8 bytes, big-endian.
    """
    size = parse_checkpoint(text).size
    return PREFIX + sha256(text.encode()).digest() + size.to_bytes(8, "big")


def _place(body: bytes) -> ChainPlace:
    try:
        return decode(body, kind=ChainPlace)
    except InputError as error:
        message = f"the proof names no place in a chain: {error}"
        raise LedgerError(message) from error
