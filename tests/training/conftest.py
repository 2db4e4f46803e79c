"""A small, easily learnable data set in the format of FER2013."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def two_classes_csv(tmp_path: Path) -> Path:
    """256 rows: images with a bright top are happy, images with a bright bottom are sad."""
    rng = np.random.default_rng(3)
    lines = ["emotion,pixels,Usage"]
    for number in range(256):
        label = (3, 4)[number % 2]
        picture = rng.integers(0, 90, (48, 48))
        picture[: 24 if label == 3 else 48, :][-24:] += 120
        usage = "Training" if number < 192 else "PublicTest" if number < 224 else "PrivateTest"
        lines.append(f"{label},{' '.join(map(str, picture.ravel()))},{usage}")
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join(lines))
    return path
