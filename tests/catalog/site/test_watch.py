"""`catalog serve --watch`: the site follows the catalogue (site.md, "Build")."""

from __future__ import annotations

import threading
from pathlib import Path
from types import ModuleType

from catalog.site.build import BuildOptions, build
from catalog.site.watch import Watch, last_options, watching


class Growing:
    """A catalogue that can be given another content."""

    def __init__(self, entries: tuple[object, ...]) -> None:
        self.entries = entries

    def servers(self):
        yield from self.entries

    def stamp(self) -> object:
        return len(self.entries)


def test_a_change_of_the_catalogue_is_built_with_the_options_of_the_last_build(
    generated: ModuleType, tmp_path: Path
) -> None:
    catalogue = Growing(generated.catalogue(servers=2).entries)
    options = BuildOptions(title="My tools", only=("orchard", "ledger"))
    build(catalogue, tmp_path / "site", options, lambda done, total: None)
    assert last_options(tmp_path / "site") == options
    told: list[str] = []
    watch = Watch(catalogue, tmp_path / "site", told.append)
    watch.look()
    assert told == []
    catalogue.entries = (
        generated.server("ledger", 3, seed=5),
        generated.server("orchard", 2, seed=6),
        *catalogue.entries[2:],
        generated.server("new", 1, seed=1),
    )
    watch.look()
    watch.look()
    assert len(told) == 1
    assert "pages written" in told[0]
    assert "My tools" in (tmp_path / "site/index.html").read_text()


def test_an_error_is_told_and_the_watch_goes_on(generated: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    told: list[str] = []
    Watch(Growing(generated.catalogue().entries), tmp_path / "file", told.append).look()
    assert "is a file" in told[0]


def test_a_watch_looks_by_itself_and_ends_with_its_block(
    generated: ModuleType, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("catalog.site.watch.SECONDS", 0.01)
    looked = threading.Event()
    watch = Watch(Growing(generated.catalogue().entries), tmp_path / "site", lambda text: looked.set())
    with watching(watch):
        assert looked.wait(30)
    assert (tmp_path / "site/index.html").is_file()
    assert threading.active_count() == 1 or not any("work" in one.name for one in threading.enumerate())
