"""The network learns, resumes and is exported as it was. Runs where PyTorch is: ``make test-training``."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.augment import Jitter, augment  # noqa: E402
from training.export import export, fit_temperature, logits_of  # noqa: E402
from training.model import ExpressionNet, parameter_count  # noqa: E402
from training.train import Recipe, learning_rate, predict, train  # noqa: E402
from training.unpack import unpack  # noqa: E402


@pytest.fixture
def two_classes_csv(tmp_path: Path) -> Path:
    """Bright-topped pictures are happy, bright-bottomed ones sad: anything that learns tells them apart."""
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


def test_it_learns_and_resumes_where_it_stopped(two_classes_csv: Path, tmp_path: Path) -> None:
    recipe = Recipe(epochs=6, batch_size=32, learning_rate=0.02, warmup_epochs=1.0)
    train(two_classes_csv, tmp_path / "run", Recipe(**{**as_arguments(recipe), "epochs": 3}))
    train(two_classes_csv, tmp_path / "run", recipe)
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in log] == [0, 1, 2, 3, 4, 5]
    assert max(line["public"] for line in log) > 0.9
    assert unpack(two_classes_csv, "PrivateTest", tmp_path / "pictures") == 32
    with Image.open(next((tmp_path / "pictures" / "happy").iterdir())) as picture:
        assert picture.size == (48, 48)


def as_arguments(recipe: Recipe) -> dict[str, object]:
    return {name: getattr(recipe, name) for name in recipe.__dataclass_fields__}


@pytest.mark.filterwarnings("ignore")  # PyTorch's exporter calls what PyTorch itself has deprecated
def test_the_exported_network_answers_as_the_trained_one(tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = ExpressionNet().eval()
    images = torch.rand(33, 1, 48, 48)
    export(model, tmp_path / "net.onnx")
    said = torch.from_numpy(logits_of(tmp_path / "net.onnx", images.numpy())).softmax(dim=1)
    assert torch.allclose(said, predict(model, images), atol=1e-4)
    assert str(Path.cwd()).encode() not in (tmp_path / "net.onnx").read_bytes()


def test_the_network_stays_small_and_ignores_the_light() -> None:
    model = ExpressionNet().eval()
    assert parameter_count(model) < 3_000_000
    face = torch.rand(1, 1, 48, 48)
    assert torch.allclose(model(face), model(face * 0.5 + 0.2), atol=0.05)


def test_views_stay_pictures_and_differ() -> None:
    images = torch.rand(16, 1, 48, 48)
    views = augment(images, Jitter(), torch.Generator().manual_seed(1))
    assert views.shape == images.shape
    assert float(views.min()) >= 0
    assert float(views.max()) <= 1
    assert not torch.allclose(views, images)
    again = augment(images, Jitter(), torch.Generator().manual_seed(1))
    assert torch.equal(views, again)


def test_the_learning_rate_rises_and_falls() -> None:
    recipe = Recipe(epochs=20, warmup_epochs=2.0)
    rates = [learning_rate(recipe, epoch / 4) for epoch in range(80)]
    assert rates[0] < 0.01 * recipe.learning_rate
    assert max(rates) == pytest.approx(recipe.learning_rate)
    assert rates[-1] < 0.01 * recipe.learning_rate


def test_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 7)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(7, p=row / row.sum()) for row in chances.astype(np.float64)])
    assert fit_temperature(2 * logits, labels) == pytest.approx(2.0, abs=0.1)
