"""Combining blendshapes with the network. Requires PyTorch: ``make test-training``."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from tests.training.networks import write_network  # noqa: E402
from training import canonical, fusion  # noqa: E402
from training.data import read  # noqa: E402
from training.detected import DetectedCrops  # noqa: E402

LABELS = torch.arange(700) % 7


def random_log_probabilities(*, right: float) -> torch.Tensor:
    """Log-probabilities [700, 7] with approximately this accuracy."""
    generator = torch.Generator().manual_seed(5)
    known = torch.rand(700, generator=generator) < right
    guessed = torch.where(known, LABELS, torch.randint(7, (700,), generator=generator))
    return (2 * torch.eye(7)[guessed]).log_softmax(dim=1)


def accuracy(scores: torch.Tensor) -> float:
    return float((scores.argmax(1) == LABELS).float().mean())


@pytest.mark.parametrize("hidden", [0, 8])
def test_head_uses_informative_features_and_ignores_noise(hidden: int) -> None:
    network = random_log_probabilities(right=0.6)
    noise = torch.rand(700, 5, generator=torch.Generator().manual_seed(1))
    informative = torch.cat([noise, torch.eye(7)[LABELS]], dim=1)
    assert accuracy(fusion.cross_fit(network, informative, LABELS, hidden=hidden)) > accuracy(network) + 0.1
    assert accuracy(fusion.cross_fit(network, noise, LABELS, hidden=hidden)) == pytest.approx(
        accuracy(network), abs=0.03
    )


def test_cross_fitting_does_not_use_the_row_itself() -> None:
    """Each row has a unique feature, so no other row contains information about it."""
    network = torch.zeros(70, 7)
    labels = torch.randint(7, (70,), generator=torch.Generator().manual_seed(1))
    corrected = fusion.cross_fit(network, torch.eye(70), labels, hidden=0)
    assert float((corrected.argmax(1) == labels).float().mean()) < 0.35


def test_more_accurate_second_classifier_dominates() -> None:
    network, second = random_log_probabilities(right=0.3), random_log_probabilities(right=0.9)
    assert accuracy(fusion.add_second_classifier(network, second, LABELS.numpy())) > 0.85
    printed = fusion.comparison_line("second reader", second, network, LABELS.numpy())
    better = int(((second.argmax(1) == LABELS) & (network.argmax(1) != LABELS)).sum())
    assert f"+{better}" in printed
    assert "-0 rows" not in printed


def test_command_prints_each_combination(
    two_classes_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = read(two_classes_csv)
    pictures, happy = data.rows.images, data.rows.labels == 3
    blendshapes = np.tile(happy[:, None], (1, 52)).astype(np.float32)
    views = DetectedCrops(np.arange(256) % 8 != 0, pictures, blendshapes, np.ones(256, np.float32))
    views.save(tmp_path / "views.npz", pictures)
    network = write_network(tmp_path / "network.onnx")
    monkeypatch.setattr(fusion, "DECAYS", (0.1,))
    command = ["fusion", "--data", str(two_classes_csv), "--views", str(tmp_path / "views.npz")]
    monkeypatch.setattr("sys.argv", [*command, "--network", str(network)])
    fusion.main()
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("28 PublicTest rows with a detected face")
    assert [comparison_line[:52].strip() for comparison_line in lines] == [
        "network alone",
        "blendshapes alone",
        "second reader added",
        "linear head over network alone",
        "linear head over network and blendshapes",
        "head with 8 hidden over network alone",
        "head with 8 hidden over network and blendshapes",
        lines[-1][:52].strip(),
    ]
    assert lines[-1].startswith("linear head over both, from Training (")
    assert "100.00 %" in lines[1], "these blendshapes determine the label"


def test_canonical_points_are_measured_on_real_faces(
    two_classes_csv: Path, smiling_person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two crops of a real face, in which the mesh finds eyes, nose and mouth."""
    import cv2

    gray = cv2.cvtColor(smiling_person, cv2.COLOR_RGB2GRAY)[54:174, 166:286]
    crop = cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA)
    lines = [f"3,{' '.join(map(str, (crop - shade).clip(0).ravel()))},Training" for shade in (0, 9)]
    two_classes_csv.write_text("\n".join(["emotion,pixels,Usage", *lines]))
    monkeypatch.setattr("sys.argv", ["canonical", "--data", str(two_classes_csv)])
    canonical.main()
    printed = capsys.readouterr().out
    assert "mesh found in 2 of 2, straight ahead 2" in printed
