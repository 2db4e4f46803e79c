"""Loading a TensorFlow.js model into a MobileNet. Requires PyTorch: ``make test-training``."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training import gpu  # noqa: E402
from training.clock import Clock  # noqa: E402
from training.data import read  # noqa: E402
from training.gpu import RECOGNITION, train_in_minutes  # noqa: E402
from training.pretrained import BLOCKS, MobileNet, calibrate, load_faceres, read_weights  # noqa: E402
from training.recipes import MinutesPlan, Recipe, recognition_teacher  # noqa: E402
from training.train import Training, load  # noqa: E402
from training.training_set import TrainingSet  # noqa: E402


def random_weights() -> dict[str, np.ndarray]:
    """Random arrays with the names and shapes of the recognition network's weights."""
    rng = np.random.default_rng(4)
    draw = lambda *shape: (rng.normal(size=shape) * (2 / np.prod(shape[:3])) ** 0.5).astype(np.float32)  # noqa: E731
    weights = {"conv1/convolution/merged_input": draw(3, 3, 3, 32) / 60}
    weights["conv1_bn/batchnorm_1/sub"] = rng.normal(size=32).astype(np.float32)
    channels = 32
    for number, (width, _) in enumerate(BLOCKS, start=1):
        weights[f"conv_dw_{number}/depthwise_kernel"] = draw(3, 3, channels, 1) * 3
        weights[f"conv_dw_{number}_bn/batchnorm_1/mul"] = rng.uniform(0.5, 1.5, channels).astype(np.float32)
        weights[f"conv_dw_{number}_bn/batchnorm_1/sub"] = rng.normal(size=channels).astype(np.float32)
        weights[f"conv_pw_{number}/convolution/merged_input"] = draw(1, 1, channels, width)
        weights[f"conv_pw_{number}_bn/batchnorm_1/sub"] = rng.normal(size=width).astype(np.float32)
        channels = width
    return weights


def test_arrays_are_read_by_name_in_each_precision(tmp_path: Path) -> None:
    half, single = np.arange(6, dtype=np.float16).reshape(2, 3) / 3, np.array([[1.5]], np.float32)
    (tmp_path / "model.bin").write_bytes(half.tobytes() + single.tobytes())
    entries = [
        {"name": "a", "shape": [2, 3], "dtype": "float32", "quantization": {"dtype": "float16"}},
        {"name": "b", "shape": [1, 1], "dtype": "float32"},
    ]
    manifest = {"weightsManifest": [{"paths": ["model.bin"], "weights": entries}]}
    (tmp_path / "model.json").write_text(json.dumps(manifest))
    weights = read_weights(tmp_path / "model.json")
    assert weights["a"].dtype == np.float32
    np.testing.assert_array_equal(weights["a"], half.astype(np.float32))
    np.testing.assert_array_equal(weights["b"], single)


def test_calibration_changes_statistics_but_not_outputs() -> None:
    model = MobileNet()
    load_faceres(model, random_weights())
    images = torch.rand(24, 1, 65, 65)
    model.eval()
    with torch.no_grad():
        before = model.pooled(images)
        calibrate(model, images, part=10)
        after = model.pooled(images)
        model.train()
        in_training = model.pooled(images)
    assert float(before.std()) > 0.05
    assert torch.allclose(before, after, atol=1e-3)
    assert torch.allclose(before, in_training, atol=0.02), "the stored statistics match the batch"


def test_filters_are_scaled_to_one_size() -> None:
    weights = random_weights()
    weights["conv1/convolution/merged_input"][..., 3] = 0
    model = MobileNet()
    load_faceres(model, weights)
    for layer in model.features:
        filters = layer.convolution.weight
        size = filters.square().mean(dim=(1, 2, 3)).sqrt() * (filters[0].numel() / 2) ** 0.5
        assert torch.allclose(size[size > 0], torch.ones(1), atol=1e-3)
    assert int((model.features[0].convolution.weight.square().sum(dim=(1, 2, 3)) == 0).sum()) == 1


def test_frozen_blocks_stay_as_they_are_in_training() -> None:
    recipe = replace(recognition_teacher(), mixup=0.0, frozen_blocks=2, batch_size=8, epochs=1, side_px=48)
    training = Training(recipe, torch.device("cpu"))
    assert isinstance(training.model, MobileNet)
    before = {name: value.clone() for name, value in training.model.state_dict().items()}
    images = torch.randint(256, (16, 2, 48, 48), dtype=torch.uint8)
    targets = torch.full((16, 7), 1 / 7), torch.full((16, 8), 1 / 8)
    training.run_epoch(TrainingSet(images, *targets, origin={}))
    changed = {name for name, value in training.model.state_dict().items() if not torch.equal(value, before[name])}
    layers = {int(name.split(".")[1]) for name in changed if name.startswith("features")}
    assert layers == set(range(5, len(training.model.features)))


def test_padding_and_layout_match_tensorflow() -> None:
    """Compute the first convolution by hand: an even side is padded at the end, an odd side on both ends."""
    weights = random_weights()
    model = MobileNet()
    load_faceres(model, weights)
    model.eval()
    kernel, offset = weights["conv1/convolution/merged_input"], weights["conv1_bn/batchnorm_1/sub"]
    for side, before in ((64, 0), (65, 1)):
        pixels = torch.rand(1, 3, side, side)
        with torch.no_grad():
            predicted = model.features[0](pixels)[0]
        padded = np.pad(pixels[0].numpy().transpose(1, 2, 0), ((before, 1), (before, 1), (0, 0)))
        by_hand = (padded[6:9, 10:13, :, None] * kernel).sum(axis=(0, 1, 2)) + offset
        np.testing.assert_allclose(predicted[:, 3, 5].numpy(), by_hand.clip(0, 6), atol=1e-4)


def test_recognition_network_is_fine_tuned_as_a_teacher(
    two_classes_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = random_weights()
    entries = [{"name": name, "shape": list(values.shape), "dtype": "float32"} for name, values in weights.items()]
    (tmp_path / "faceres.bin").write_bytes(b"".join(values.tobytes() for values in weights.values()))
    manifest = {"weightsManifest": [{"paths": ["faceres.bin"], "weights": entries}]}
    (tmp_path / "faceres.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(gpu, "recognition_teacher", lambda: replace(recognition_teacher(), side_px=48, epochs=1))
    student = Recipe(stages=((8,), (8,)), epochs=1, warmup_epochs=0.1)
    plan = MinutesPlan({}, student, student.jitter, views=1, at_once=1)
    out, data = tmp_path / "gpu", read(two_classes_csv)
    train_in_minutes(plan, data, None, out, Clock.of(3600.0), recognition=tmp_path / "faceres.json")
    assert "1 of 1 teachers trained" in capsys.readouterr().out
    before, after = (load(out / name)[1].state_dict() for name in (f"{RECOGNITION}-start", RECOGNITION))
    name = "features.9.convolution.weight"
    assert 0 < float((after[name] - before[name]).norm() / before[name].norm()) < 0.5
