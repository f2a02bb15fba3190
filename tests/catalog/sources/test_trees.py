"""Archives are hostile: read in memory with limits, never unpacked; what is left out is said (issue, targets)."""

import io
import random
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from catalog.errors import NotDefinitions
from catalog.sources import trees
from catalog.sources.trees import MAX_FILE, MAX_FILES, read_tree

CODE = b"x = 1\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("skipped", ["tests", "examples", "node_modules", ".venv", ".git", "__pycache__"])
def test_folders_of_tests_and_vendored_code_are_not_read(write, skipped):
    folder = write(
        {f"src/{skipped}/a.py": CODE, "src/b.py": CODE, "src/test_b.py": CODE, "src/readme.md": b"#"}
    )
    assert list(read_tree(folder).files) == ["src/b.py"]


def test_links_in_a_folder_are_not_followed(write):
    """A link could lead to any file of this machine."""
    folder = write({"in/a.py": CODE, "out/secret.py": CODE})
    (folder / "in/link.py").symlink_to(folder / "out/secret.py")
    (folder / "in/linked").symlink_to(folder / "out")
    assert list(read_tree(folder / "in").files) == ["a.py"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_archives_of_every_compression_are_read(tarred, mode):
    assert read_tree(
        tarred({"demo-1.0/a.py": CODE, "demo-1.0/PKG-INFO": b"Name: demo\n"}, mode=mode)
    ).files == {"demo-1.0/a.py": CODE}


def test_names_that_begin_with_a_dot_slash_are_read(tarred):
    """`tar czf x.tar.gz .` writes them so."""
    assert list(read_tree(tarred({"./src/a.py": CODE})).files) == ["src/a.py"]


def test_a_name_with_control_characters_is_shown_by_their_codes(zipped):
    """A file name can move the cursor, or make two lines of one."""
    assert list(read_tree(zipped({"a\x1b[2J\nb.py": CODE})).files) == ["a‹U+001B›[2J b.py"]


def test_a_wheel_is_read(zipped):
    tree = read_tree(zipped({"demo/a.py": CODE, "demo-1.0.dist-info/METADATA": b"Name: demo\n"}))
    assert (tree.files, list(tree.metadata)) == ({"demo/a.py": CODE}, ["demo-1.0.dist-info/METADATA"])


@pytest.mark.parametrize("name", ["../up.py", "/abs.py", "a/../../up.py", "..\\up.py", "C:/x.py"])
def test_names_that_lead_outside_are_reported_and_not_read(zipped, tarred, name):
    for archive in (zipped({name: CODE, "ok.py": CODE}), tarred({name: CODE, "ok.py": CODE})):
        tree = read_tree(archive)
        assert list(tree.files) == ["ok.py"]
        assert "outside the archive" in tree.unread[0]


def test_links_and_devices_in_a_tar_are_not_read(tarred):
    members = {
        "link.py": (tarfile.SYMTYPE, "/etc/passwd"),
        "hard.py": (tarfile.LNKTYPE, "ok.py"),
        "fifo.py": (tarfile.FIFOTYPE, ""),
        "ok.py": CODE,
    }
    tree = read_tree(tarred(members))
    assert list(tree.files) == ["ok.py"]
    assert [line.split(":")[0] for line in tree.unread] == ["link.py", "hard.py"]


def test_a_link_in_a_zip_is_not_read(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("link.py")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert (read_tree(path).files, len(read_tree(path).unread)) == ({}, 1)


def test_a_huge_member_is_left_out_and_said(zipped, tarred):
    big = {"big.py": b" " * (MAX_FILE + 1), "ok.py": CODE}
    for archive in (zipped(big), tarred(big)):
        tree = read_tree(archive)
        assert list(tree.files) == ["ok.py"]
        assert tree.unread == ["big.py: larger than 2 MiB, not read"]


def test_a_bomb_of_many_members_ends_at_the_total_limit(zipped):
    """100 members of 2 MiB in a file of 200 KB."""
    tree = read_tree(zipped({f"{n}.py": b" " * MAX_FILE for n in range(100)}))
    assert sum(map(len, tree.files.values())) <= trees.MAX_TOTAL
    assert "the rest was not read" in tree.unread[-1]


def test_a_tar_that_unpacks_to_gigabytes_ends_at_the_limit(tmp_path):
    """A gzip of zeros is a thousand times smaller; the limit is on what comes out."""
    path = tmp_path / "bomb.tar.gz"
    info = tarfile.TarInfo("zeros.bin")
    info.size = trees.MAX_UNPACKED + (1 << 20)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive, Path("/dev/zero").open("rb") as zeros:
        archive.addfile(info, zeros)
    tree = read_tree(path)
    assert tree.unread == ["bomb.tar.gz: the archive unpacks to more than 512 MiB; the rest was not read"]


def test_too_many_files_end_at_the_limit(zipped):
    tree = read_tree(zipped({f"{n}.py": b"" for n in range(MAX_FILES + 5)}))
    assert len(tree.files) == MAX_FILES
    assert "more than 5,000 source files" in tree.unread[-1]


def test_an_encrypted_member_is_reported(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("secret.py", CODE)
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag of the local header
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # and of the directory
    path.write_bytes(data)
    tree = read_tree(path)
    assert (tree.files, len(tree.unread)) == ({}, 1)
    assert "secret.py: " in tree.unread[0]


def test_damaged_archives_give_a_tree_or_the_trees_error(zipped, tarred, tmp_path):
    """Bytes flipped and cut at fixed random places."""
    draw = random.Random(7)
    members = {f"demo/{n}.py": CODE * n for n in range(1, 6)}
    for archive in (
        zipped(members),
        tarred(members),
        tarred(members, "x.tar", "w"),
        tarred(members, "x.txz", "w:xz"),
    ):
        good = archive.read_bytes()
        for _ in range(60):
            data = bytearray(good)
            for _ in range(draw.randint(1, 8)):
                data[draw.randrange(len(data))] = draw.randrange(256)
            path = tmp_path / f"damaged{archive.suffix}"
            path.write_bytes(data[: draw.randrange(len(data)) if draw.random() < 0.3 else len(data)])
            with suppress(NotDefinitions):
                tree = read_tree(path)  # None when its first bytes no longer say what it is
                assert tree is None or len(tree.files) <= len(members)


def test_other_files_are_no_trees(write):
    folder = write({"a.json": b"[]", "b.txt": b"text", "empty.zip": b""})
    assert [read_tree(folder / name) for name in ("a.json", "b.txt", "empty.zip")] == [None] * 3


def test_the_commit_of_a_checkout_is_read_from_its_files(write):
    git = {"HEAD": "ref: refs/heads/main\n", "refs/heads/main": f"{COMMIT}\n"}
    folder = write({f"a/.git/{name}": text for name, text in git.items()} | {"a/src/x.py": CODE})
    assert read_tree(folder / "a").commit == read_tree(folder / "a/src").commit == COMMIT


def test_a_packed_or_detached_commit_is_found_and_a_climbing_reference_is_not(write):
    packed = write(
        {"p/.git/HEAD": "ref: refs/heads/x\n", "p/.git/packed-refs": f"# pack\n{COMMIT} refs/heads/x\n"}
    )
    assert read_tree(packed / "p").commit == COMMIT
    detached = write(
        {"d/.git/HEAD": f"{COMMIT}\n", "e/.git/HEAD": "ref: ../../../secret\n", "secret": COMMIT}
    )
    assert read_tree(detached / "d").commit == COMMIT
    assert read_tree(detached / "e").commit is None


def test_the_commit_of_an_exported_archive_is_in_its_comment(tmp_path, tarred):
    """`git archive` writes it as the pax header's or the zip's comment."""
    assert (
        read_tree(tarred({"a.py": CODE}, format=tarfile.PAX_FORMAT, pax_headers={"comment": COMMIT})).commit
        == COMMIT
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.py", CODE)
        archive.comment = COMMIT.encode()
    (tmp_path / "x.zip").write_bytes(data.getvalue())
    assert read_tree(tmp_path / "x.zip").commit == COMMIT
