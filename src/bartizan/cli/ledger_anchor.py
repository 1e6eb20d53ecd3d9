"""`bartizan ledger anchor`: have somebody outside remember the log's checkpoint, or check it."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bartizan.cli.ledger_place import (
    PLACE,
    ROOTS_BYTES,
    AsJson,
    Ledger,
    PolicyFile,
    policy_of,
    published,
    read_file,
    signed_by_log,
    tell,
)
from bartizan.core.errors import LedgerError, UsageError
from bartizan.ledger.anchor import FOLDER, Anchor, Anchored, keep, load, verify_anchors
from bartizan.ledger.anchor_chain import DEPTH, ChainAnchor
from bartizan.ledger.anchor_timestamp import TimestampAnchor
from bartizan.ledger.chain_node import ChainNode, Sender
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.reader import Tiles

NAME = "anchor"
HELP = (
    "Have a time-stamping authority (RFC 3161) or an EVM chain remember the log's checkpoint, and "
    "keep the proof in anchors/ beside the log; or check every proof there against the log."
)
EPILOG = (
    "Example: bartizan ledger anchor --policy policy.txt --tsa https://tsa.example --roots tsa.pem"
    "\n\n"
    "Example: bartizan ledger anchor --policy policy.txt --node env:NODE --chain 1 "
    "--pays env:ANCHOR_KEY\n\n"
    "Example: bartizan ledger anchor --policy policy.txt --check --roots tsa.pem\n\n"
    "Exit codes: 0 done, 2 bad input, nobody answers, or too dear, 4 a proof that does not hold, "
    "or a log that contradicts one"
)

Roots: TypeAlias = Annotated[
    Path | None, typer.Option(help="Root certificates (PEM) of the authority; all that is trusted.")
]
Node: TypeAlias = Annotated[
    str, typer.Option(help="Address of a chain's node, or a reference to it: env:NAME, file:PATH.")
]


def command(  # noqa: PLR0913 - the flags of two kinds of anchor
    *,
    policy: PolicyFile,
    ledger: Ledger = PLACE,
    tsa: Annotated[str, typer.Option(help="Address of a time-stamping authority.")] = "",
    roots: Roots = None,
    tsa_policy: Annotated[str, typer.Option(help="Policy that stamps must be made under.")] = "",
    node: Node = "",
    chain: Annotated[int, typer.Option(help="Id of the chain: 1 = Ethereum.")] = 0,
    pays: Annotated[
        str, typer.Option(help="Reference to the key of the account that pays: env:NAME.")
    ] = "",
    to: Annotated[str, typer.Option(help="Recipient; default: the account itself.")] = "",
    depth: Annotated[int, typer.Option(min=1, help="Blocks after which it counts.")] = DEPTH,
    transaction: Annotated[
        str, typer.Option(help="Keep the proof of a transaction that was sent before.")
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="Check the proofs, ask for none.")] = False,
    as_json: AsJson = False,
) -> None:
    """Anchor the checkpoint, or check the anchors."""
    anchors: dict[str, Anchor] = {}
    if roots is not None:
        raw = read_file(roots, limit=ROOTS_BYTES, what="the certificates")
        anchors["rfc3161"] = TimestampAnchor(roots=raw, url=tsa, policy=tsa_policy)
    on_chain = _on_chain(node, chain=chain, pays=pays, to=to, depth=depth)
    if on_chain is not None:
        anchors["evm"] = on_chain
    checkpoint = signed_by_log(published(ledger), policy=policy_of(policy), folder=ledger)
    if check:
        tiles = Tiles(ledger, size=checkpoint.size)
        found = verify_anchors(
            ledger, origin=checkpoint.origin, anchors=anchors, root_at=tiles.root
        )
        _tell(found, as_json=as_json)
        return
    if transaction and on_chain is not None:
        proof = on_chain.collect(checkpoint.text(), transaction=transaction)
        tell([f"kept {keep(proof, log=ledger)}"], facts={"kept": True}, as_json=as_json)
        return
    _anchor(_one(anchors, tsa=tsa, pays=pays), checkpoint, ledger=ledger, as_json=as_json)


def _on_chain(node: str, *, chain: int, pays: str, to: str, depth: int) -> ChainAnchor | None:
    if not node:
        return None
    if chain < 1:
        message = "expected --chain with the id of the node's chain, such as 1 for Ethereum"
        raise UsageError(message)
    return ChainAnchor(
        node=ChainNode(address=node),
        chain=chain,
        sender=Sender(key=pays) if pays else None,
        to=to,
        depth=depth,
    )


def _one(anchors: dict[str, Anchor], *, tsa: str, pays: str) -> Anchor:
    """The one that is asked now; a check may need several."""
    asked = [kind for kind, given in (("rfc3161", tsa), ("evm", pays)) if given]
    if len(asked) != 1 or asked[0] not in anchors:
        message = (
            "expected one anchor: --tsa with --roots, or --node with --chain and --pays; or --check"
        )
        raise UsageError(message)
    return anchors[asked[0]]


def _anchor(anchor: Anchor, checkpoint: Checkpoint, *, ledger: Path, as_json: bool) -> None:
    """Ask for a proof, unless there is one: an older one proves more, and a new one may cost."""
    path = ledger / FOLDER / f"{checkpoint.size}.{anchor.kind}"
    if path.exists():
        text = load(path).text
        if text != checkpoint.text():
            message = f"{path} is about another checkpoint of {checkpoint.size} entries; --check it"
            raise LedgerError(message)
        said = f"there is a proof already: {path}"
    else:
        path = keep(anchor.anchor(checkpoint.text()), log=ledger)
        said = f"anchored {checkpoint.size} entries of {checkpoint.origin}: {path}"
    facts = {"origin": checkpoint.origin, "size": checkpoint.size, "proof": str(path)}
    tell([said], facts=facts, as_json=as_json)


def _tell(found: tuple[Anchored, ...], *, as_json: bool) -> None:
    """What the proofs show."""
    facts = [
        {
            "kind": one.kind,
            "size": one.checkpoint.size,
            "when": one.when.isoformat(),
            "place": one.place,
        }
        for one in found
    ]
    lines = [
        f"the first {one.checkpoint.size} entries were there at {one.when:%Y-%m-%d %H:%M:%S} UTC: "
        f"{one.place}"
        for one in found
    ]
    tell(lines or ["there are no anchors"], facts={"anchors": facts}, as_json=as_json)
