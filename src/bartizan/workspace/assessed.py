"""The result of an assessment, and how it is saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from bartizan.adapt import Codec, ImageCodec
from bartizan.assess.answer import Claim
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import UsageError
from bartizan.core.finding import Finding, Outcome, file_name
from bartizan.core.report import Report
from bartizan.report import FORMATS, save
from bartizan.workspace.examples import examples_folder, put, written


@dataclass(frozen=True)
class Assessed:
    """A report, and the rows it speaks of."""

    report: Report
    claims: tuple[Claim, ...]
    codec: Codec | ImageCodec

    @property
    def outcome(self) -> Outcome:
        """Of the whole run."""
        return self.report.outcome

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return self.report.findings

    def save(
        self, out: str | Path, *, formats: Iterable[str] = tuple(FORMATS), examples: bool = True
    ) -> list[Path]:
        """Write the report, and every broken row beside its original.

        Args:
            out: Folder; made if need be.
            formats: Of the report.
            examples: Whether to write rows, and to show images in the report. They are real
                rows: the folder is for its owner only (0700), and git is told to leave it alone.

        Returns:
            The files.

        Raises:
            OutputError: they cannot be written; what was written before stays.
        """
        out = Path(out)
        written = save(self.published(examples=examples), out, formats=formats)
        if examples:
            written += self._save_examples(out / "examples")
        return written

    def published(self, *, examples: bool) -> Report:
        """The report, without the images in it unless they may be shown."""
        return self.report if examples else _without_views(self.report)

    def _save_examples(self, folder: Path) -> list[Path]:
        with examples_folder(folder) as place:
            return [self._write(place, claim) for claim in self.claims if len(claim.ids)]

    def _write(self, folder: Path, claim: Claim) -> Path:
        name = file_name(claim.finding)
        if not isinstance(self.codec, ImageCodec):
            return written(self.frame(claim), folder / f"{name}.parquet")

        def packed(path: Path) -> None:
            with path.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **self.arrays(claim))

        return put(folder / f"{name}.npz", packed)

    def arrays(self, claim: Claim) -> dict[str, AnyArray]:
        """Original and changed images side by side, in the source's own type.

        Returns:
            ``row``, ``price`` and ``queries``, shape (n,); ``original`` and ``changed``, shape
            (n, h, w, c).

        Raises:
            UsageError: rows are no images.
        """
        if not isinstance(self.codec, ImageCodec):
            message = "rows are no images; ask frame(claim) for them"
            raise UsageError(message)
        order = np.argsort(claim.ids, kind="stable")
        return {
            "row": claim.ids[order],
            "original": self.codec.decode(claim.before[order]),
            "changed": self.codec.decode(claim.after[order]),
            "price": claim.price[order],
            "queries": claim.queries[order],
        }

    def frame(self, claim: Claim) -> pl.DataFrame:
        """Originals and changed rows under each other, in the source's own types.

        Returns:
            Columns ``row``, ``version`` (original or changed), ``price``, ``queries``, then the
            features; two lines for each broken row.

        Raises:
            UsageError: rows are images.
        """
        if isinstance(self.codec, ImageCodec):
            message = "rows are images; ask arrays(claim) for them"
            raise UsageError(message)
        order = np.argsort(claim.ids, kind="stable")
        rows = np.repeat(order, 2)
        original = np.tile([True, False], len(order))
        x = np.where(original[:, None], claim.before[rows], claim.after[rows])
        facts = pl.DataFrame(
            {
                "row": claim.ids[rows],
                "version": np.where(original, "original", "changed"),
                "price": np.where(original, 0.0, claim.price[rows]),
                "queries": np.where(original, 0, claim.queries[rows]),
            }
        )
        features = self.codec.decode(x)
        taken = [name for name in features.columns if name in facts.columns]
        features = features.rename({name: f"feature.{name}" for name in taken})
        return pl.concat([facts, features], how="horizontal")


def _without_views(report: Report) -> Report:
    """The same findings without images."""
    replace = msgspec.structs.replace
    found = tuple(
        replace(one, examples=tuple(replace(shown, views=None) for shown in one.examples))
        for one in report.findings
    )
    return replace(report, findings=found)
