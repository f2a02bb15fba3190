"""Source trees, archives and config files written for the tests."""

import io
import tarfile
import textwrap
import zipfile

import pytest


@pytest.fixture
def write(tmp_path):
    """Write files given as `{path: text or bytes}` below a fresh folder; the folder."""

    def write_files(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
            path.write_bytes(data)
        return tmp_path

    return write_files


@pytest.fixture
def zipped(tmp_path):
    """Write a zip of `{member: bytes}` and give its path."""

    def write_zip(members, name="demo-1.0-py3-none-any.whl"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return write_zip


@pytest.fixture
def tarred(tmp_path):
    """Write a tar of `{member: bytes, or a TarInfo's type and link target}` and give its path."""

    def write_tar(members, name="demo-1.0.tar.gz", mode="w:gz", **options):
        path = tmp_path / name
        with tarfile.open(path, mode, **options) as archive:
            for member, data in members.items():
                info = tarfile.TarInfo(member)
                if isinstance(data, bytes):
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
                else:
                    info.type, info.linkname = data
                    archive.addfile(info)
        return path

    return write_tar
