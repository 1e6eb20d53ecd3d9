"""Which files below the scanned paths say what a project depends on, and what each is called."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bartizan.core.errors import InputError
from bartizan.supply.dependencies.dependency import Listing
from bartizan.supply.dependencies.listings import read_listing, says_dependencies
from bartizan.supply.dependencies.tree import Tree
from bartizan.supply.scan.paths import Found, Place, called, is_here, spelled


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file that names dependencies."""

    tree: Tree
    """What it may include: the scanned folder, or the folder of the one file that is scanned."""
    path: Path
    """As it was found, below the root of the tree; perhaps a link."""
    root: str
    """What the scanned path is called."""
    front: str
    """What stands before names in the tree, so that reports call a file what the scan does."""

    @property
    def name(self) -> str:
        """What it is called; a link, what the file is called that it leads to."""
        return self._called(self._given)

    def read(self) -> Listing:
        """What it says, and the files that it includes, each under its name in reports."""
        said = read_listing(self.path, tree=self.tree)
        return Listing(
            dependencies=tuple(
                replace(one, file=self._called(one.file)) for one in said.dependencies
            ),
            unread=tuple(replace(one, file=self._called(one.file)) for one in said.unread),
        )

    def digests(self) -> Mapping[str, str]:
        """By name in reports, digests of what was read in the tree so far."""
        return {self._called(file): sha256 for file, sha256 in self.tree.digests.items()}

    @property
    def _given(self) -> str:
        return self.path.relative_to(self.tree.root).as_posix()

    def _called(self, file: str) -> str:
        """A file's name in reports."""
        if file == self._given:
            try:
                file = self.tree.named(self.tree.inside(self.path))
            except InputError:  # it leads out: what is said of it is said of the link
                return f"{self.front}{spelled(file)}"
        return f"{self.front}{spelled(file)}"


def sources_in(found: Found) -> tuple[Source, ...]:
    """Every file of dependencies among those that are scanned.

    Links to files of the same tree count where their own name says that they name dependencies,
    because the name of what they lead to may not. What the scan refuses is a source too: that it
    cannot be read is then said of the dependencies as well.
    """
    trees: dict[Path, Tree] = {}
    made: dict[str, Source] = {}
    for place in (*found.places, *found.linked):
        source = _source(place, trees)
        if says_dependencies(source.path):
            made.setdefault(f"{source.name}\n{source.path.name}", source)
    return tuple(made[key] for key in sorted(made))


def _source(place: Place, trees: dict[Path, Tree]) -> Source:
    """A scanned file in the tree that it belongs to."""
    name = called(place.root)
    folder = place.root if place.inner else place.root.parent
    inside = "" if is_here(place.root) else f"{name}/"
    front = inside if place.inner else name[: len(name) - len(name.rpartition("/")[2])]
    if folder not in trees:
        trees[folder] = Tree.of(folder)
    tree = trees[folder]
    path = tree.root / (place.inner or place.root.name)
    return Source(tree=tree, path=path, root=name, front=front)
