"""A node of an EVM chain: what is asked of it, and nothing of the library's beyond this module."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from bartizan.core.errors import ConfigError, Error, MissingExtraError, UsageError
from bartizan.crypto.key_file import read_secret

_TIMEOUT_S = 20.0
"""For one answer of a node."""
_BASE_GAS, _BYTE_GAS = 21_000, 40
"""Of any transaction, and of a byte of call data that is not zero (EIP-7623: the floor). Estimates
of older nodes know nothing of the floor; what is not used is not paid."""
MOST_WEI = 5 * 10**15
"""0.005 of the chain's coin: what one anchor may cost, at most. At 23,000 gas that is a price of
217 gwei, which Ethereum asks for on its worst days only."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """What a node shows of one. Hashes are hexadecimal with 0x, addresses in lower case."""

    sender: str
    to: str
    """Empty where it makes a contract."""
    data: bytes
    value: int
    block: int | None
    """Number; none = it waits."""
    block_hash: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """What a node shows of one."""

    hash: str
    transactions: tuple[str, ...]
    """Their hashes."""
    when: datetime
    """UTC."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The account that pays."""

    key: str = field(repr=False)
    """Where its private key is: ``env:NAME`` or ``file:PATH``."""
    most_wei: int = MOST_WEI


@dataclass(kw_only=True)
class ChainNode:
    """One node."""

    address: str = field(default="", repr=False)
    """Where it is, or a reference to that, for such addresses often hold a key."""
    provider: Callable[[], Any] | None = None
    """Makes a provider of web3 in place of one that speaks HTTP."""

    @cached_property
    def _web3(self) -> Any:
        # Libraries below web3 raise the limit of recursion to 100,000 when they are imported, so
        # that a deeply nested document would end the process instead of raising an error.
        limit = sys.getrecursionlimit()
        try:
            import web3  # noqa: PLC0415 (an extra)
        except ImportError as error:
            message = "anchors in a chain need web3: pip install 'bartizan[evm]'"
            raise MissingExtraError(message) from error
        finally:
            sys.setrecursionlimit(limit)
        if self.provider is not None:
            return web3.Web3(self.provider())
        url = self.address
        if url.startswith(("env:", "file:")):
            url = read_secret(url).strip()
        if not url.startswith(("http://", "https://")):
            message = "expected the address of a node, http:// or https://, or env:NAME of one"
            raise ConfigError(message)
        line = web3.HTTPProvider(
            url, request_kwargs={"timeout": _TIMEOUT_S}, exception_retry_configuration=None
        )
        return web3.Web3(line)

    def chain(self) -> int:
        """The id of its chain.

        Raises:
            UsageError: no answer; as for all that follow.
        """
        with self._asked() as eth:
            return int(eth.chain_id)

    def height(self) -> int:
        """The number of its latest block."""
        with self._asked() as eth:
            return int(eth.block_number)

    def block(self, number: int) -> Block | None:
        """The block of the canonical chain with that number; none if there is none."""
        with self._asked() as eth:
            from web3.exceptions import BlockNotFound  # noqa: PLC0415 (an extra)

            try:
                found = eth.get_block(number)
            except BlockNotFound:
                return None
            return Block(
                hash=_hex(found["hash"]),
                transactions=tuple(_hex(one) for one in found["transactions"]),
                when=datetime.fromtimestamp(found["timestamp"], tz=UTC),
            )

    def transaction(self, hashed: str) -> Transaction | None:
        """A transaction by its hash; none if the node knows none."""
        with self._asked() as eth:
            from web3.exceptions import TransactionNotFound  # noqa: PLC0415 (an extra)

            try:
                found = eth.get_transaction(hashed)
            except TransactionNotFound:
                return None
            waits = found["blockHash"] is None
            return Transaction(
                sender=found["from"].lower(),
                to=(found["to"] or "").lower(),
                data=bytes(found["input"]),
                value=found["value"],
                block=None if waits else found["blockNumber"],
                block_hash="" if waits else _hex(found["blockHash"]),
            )

    def send(self, data: bytes, *, sender: Sender, to: str, chain: int) -> str:
        """Sign and send a transaction that moves nothing and carries data.

        Args:
            data: Call data.
            sender: Who pays.
            to: Recipient; empty = the sender.
            chain: Its id; signed with it, the transaction is void in every other.

        Returns:
            Its hash, hexadecimal with 0x.

        Raises:
            UsageError: no key, no answer, refused by the node, or dearer than allowed.
        """
        with self._asked() as eth:
            account = _account(eth, sender.key)
            asked = {
                "from": account.address,
                "to": to or account.address,
                "value": 0,
                "data": data,
                "nonce": eth.get_transaction_count(account.address, "pending"),
                "chainId": chain,
            }
            gas = max(eth.estimate_gas(asked), _BASE_GAS + _BYTE_GAS * len(data))
            price = _price(eth)
            dearest = gas * price.get("maxFeePerGas", price.get("gasPrice", 0))
            if dearest > sender.most_wei:
                message = (
                    f"the transaction could cost {dearest} wei, and {sender.most_wei} are allowed; "
                    "wait for a lower price, or allow more"
                )
                raise UsageError(message)
            signed = account.sign_transaction({**asked, **price, "gas": gas})
            return _hex(eth.send_raw_transaction(signed.raw_transaction))

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        """Turn what the library raises into one error; the node's address stays out of it."""
        eth = self._web3.eth
        from web3.exceptions import Web3Exception  # noqa: PLC0415 (an extra)

        try:
            yield eth
        except Web3Exception as error:
            said = str(error)[:200].replace(self.address or "\0", "[address]")
            message = f"the node refused: {said}"
            raise UsageError(message) from None
        except Error:
            raise
        except Exception as error:  # noqa: BLE001 - of three libraries; no list of theirs is whole
            message = (
                f"the node gave no answer that can be used ({type(error).__name__}); is it "
                "running, and is its address right?"
            )
            raise UsageError(message) from None  # the cause holds the address, keys and all


def _hex(raw: bytes) -> str:
    return "0x" + bytes(raw).hex()


def _account(eth: Any, reference: str) -> Any:
    found = read_secret(reference).strip()
    try:
        return eth.account.from_key(found)
    except Exception:  # noqa: BLE001 - whatever it is, its message may hold the key
        message = "expected a private key of 32 bytes, hexadecimal, and the reference holds another"
        raise UsageError(message) from None


def _price(eth: Any) -> dict[str, int]:
    """The offer for a unit of gas: room for the base fee to double (EIP-1559), or the old way."""
    base = eth.get_block("latest").get("baseFeePerGas")
    if base is None:
        return {"gasPrice": eth.gas_price}
    tip = eth.max_priority_fee
    return {"maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}
