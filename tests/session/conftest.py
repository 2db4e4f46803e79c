"""Sessions with fake readers, libraries and clocks."""

import numpy as np
import pytest

from mien.session.session import Session
from tests.fakes import FakeClock, FakeLibrary, FakeReader
from tests.session.examples import NOON, QUADRANTS


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(QUADRANTS)


@pytest.fixture
def make(clock, library):
    made = []

    def make(reader=None, *, seed=0, **options):
        session = Session(
            reader=reader or FakeReader(),
            library=options.pop("library", library),
            model="fake",
            rng=np.random.default_rng(seed),
            clock=clock,
            now=lambda: NOON,
            **options,
        )
        session.start()
        made.append(session)
        return session

    yield make
    for session in made:
        session.close()
