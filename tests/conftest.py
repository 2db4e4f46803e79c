"""Fixtures for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

from tests.servers import (  # noqa: F401 - fixtures, for every test
    mpd_server,
    mpd_server_of_long_songs,
    odd_server,
    subsonic_server,
)

# A busy machine is no failure.
settings.register_profile("mien", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mien")


ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_counts() -> Iterator[None]:
    """Let Ctrl-C interrupt even if the tests run in the background, where shells make processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that cannot be published; a test that needs it is skipped if it is missing."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the unpublished data folder ../shared/data")
    return folder


@pytest.fixture(scope="session")
def smiling_person() -> NDArray[np.uint8]:
    """A photograph of a smiling person, uint8 [512, 512, 3] RGB, from scikit-image's package."""
    from skimage import data

    picture: NDArray[np.uint8] = data.astronaut()
    return picture
