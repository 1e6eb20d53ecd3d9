"""The field's catalogues of weaknesses, as SARIF taxonomies."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bartizan.core.finding import Finding, Taxonomy


@dataclass(frozen=True)
class Catalogue:
    """One catalogue of weaknesses."""

    name: str
    organization: str
    description: str
    field: str
    """Which field of `Taxonomy` holds its ids."""

    def ids(self, taxonomy: Taxonomy) -> tuple[str, ...]:
        """The ids of this catalogue."""
        return tuple(getattr(taxonomy, self.field))


CATALOGUES = (
    Catalogue(
        name="MITRE ATLAS",
        organization="MITRE",
        description="Techniques used against systems that contain machine learning.",
        field="atlas",
    ),
    Catalogue(
        name="OWASP ML Top 10",
        organization="OWASP",
        description="Machine Learning Security Top 10.",
        field="owasp_ml",
    ),
    Catalogue(
        name="NIST AI 100-2",
        organization="NIST",
        description="Adversarial Machine Learning: taxonomy and terminology of attacks.",
        field="nist_ai_100_2",
    ),
)


def tags(taxonomy: Taxonomy) -> list[str]:
    """All ids, in the order of `CATALOGUES`."""
    return [identity for catalogue in CATALOGUES for identity in catalogue.ids(taxonomy)]


@dataclass(frozen=True)
class Taxa:
    """The part of the catalogues that a report refers to."""

    known: tuple[tuple[Catalogue, tuple[str, ...]], ...]

    @classmethod
    def of(cls, findings: tuple[Finding, ...]) -> "Taxa":
        """Collect what the findings refer to; catalogues nobody refers to are left out."""
        return cls.named([one.taxonomy for one in findings])

    @classmethod
    def named(cls, taxonomies: Collection[Taxonomy]) -> "Taxa":
        """Collect what these refer to."""
        found = [
            (catalogue, sorted({i for one in taxonomies for i in catalogue.ids(one)}))
            for catalogue in CATALOGUES
        ]
        return cls(known=tuple((catalogue, tuple(ids)) for catalogue, ids in found if ids))

    def components(self) -> list[dict[str, Any]]:
        """The `taxonomies` of a run."""
        return [
            {
                "name": catalogue.name,
                "organization": catalogue.organization,
                "shortDescription": {"text": catalogue.description},
                "isComprehensive": False,
                "taxa": [{"id": identity} for identity in ids],
            }
            for catalogue, ids in self.known
        ]

    def supported(self) -> list[dict[str, Any]]:
        """The driver's references to the taxonomies."""
        return [{"name": c.name, "index": index} for index, (c, _) in enumerate(self.known)]

    def references(self, taxonomy: Taxonomy) -> list[dict[str, Any]]:
        """The `taxa` of a result."""
        return [
            {
                "id": identity,
                "index": ids.index(identity),
                "toolComponent": {"name": catalogue.name, "index": position},
            }
            for position, (catalogue, ids) in enumerate(self.known)
            for identity in catalogue.ids(taxonomy)
        ]
