"""MusiCNN's way from a TensorFlow checkpoint to ONNX, checked on a small network against plain NumPy."""

from __future__ import annotations

import struct

import numpy as np
import onnx
import pytest

from conversion.checkpoint import read_checkpoint
from conversion.musicnn import BANDS, FRAMES, to_onnx
from conversion.wire import block, number, read_fields, real, varint
from mien.onnx_runtime import open_session

TIMBRAL, TEMPORAL, MIDDLE, HIDDEN = 3, 2, 4, 5
FRONT = 2 * TIMBRAL + 3 * TEMPORAL


def table_of(entries: dict[str, bytes]) -> bytes:
    """A table as LevelDB writes it: blocks of three keys, each sharing what it can with the key before."""
    names = sorted(entries)
    table, places = b"", b""
    for first in range(0, len(names), 3):
        body, before = b"", b""
        for name in names[first : first + 3]:
            key = name.encode()
            shared = next((i for i, (a, b) in enumerate(zip(key, before, strict=False)) if a != b), len(before))
            shared = min(shared, len(key), len(before))
            body += varint(shared) + varint(len(key) - shared) + varint(len(entries[name])) + key[shared:]
            body += entries[name]
            before = key
        body += struct.pack("<II", 0, 1)
        handle = varint(len(table)) + varint(len(body))
        places += varint(0) + varint(len(before)) + varint(len(handle)) + before + handle
        table += body + bytes(5)
    places += struct.pack("<II", 0, 1)
    footer = varint(0) + varint(0) + varint(len(table)) + varint(len(places))
    return table + places + bytes(5) + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


def checkpoint_of(tensors: dict[str, np.ndarray]) -> tuple[bytes, bytes]:
    """The two files that TensorFlow would write."""
    entries, data = {"": number(1, 1)}, b""
    for name, tensor in tensors.items():
        shape = b"".join(block(2, number(1, size)) for size in tensor.shape)
        kind = 1 if tensor.dtype == np.float32 else 9
        place = (number(4, len(data)) if data else b"") + number(5, tensor.nbytes)
        entries[name] = number(1, kind) + block(2, shape) + place + real(6, 0.5)
        data += tensor.tobytes()
    return table_of(entries), data


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    """Random weights for every layer, and a whole number as checkpoints have for the step they were saved at."""
    rng = np.random.default_rng(3)
    made: dict[str, np.ndarray] = {}

    def add(name: str, *shape: int, scale: float = 0.3) -> None:
        made[name] = (scale * rng.standard_normal(shape)).astype(np.float32)

    def add_norm(i: int, size: int) -> None:
        prefix = f"batch_normalization_{i}" if i else "batch_normalization"
        for part in ("gamma", "beta", "moving_mean"):
            add(f"{prefix}/{part}", size)
        made[f"{prefix}/moving_variance"] = rng.uniform(0.5, 2, size).astype(np.float32)

    kernels = [(7, 38, 1, TIMBRAL), (7, 67, 1, TIMBRAL), (128, 1, 1, TEMPORAL), (64, 1, 1, TEMPORAL)]
    kernels += [(32, 1, 1, TEMPORAL), (7, FRONT, 1, MIDDLE), (7, MIDDLE, 1, MIDDLE), (7, MIDDLE, 1, MIDDLE)]
    add_norm(0, 1)
    for i, shape in enumerate(kernels):
        name = f"conv2d_{i}" if i else "conv2d"
        add(f"{name}/kernel", *shape, scale=0.1)
        add(f"{name}/bias", shape[-1])
        add_norm(i + 1, shape[-1])
    pooled = 2 * (FRONT + 3 * MIDDLE)
    add_norm(9, pooled)
    add("dense/kernel", pooled, HIDDEN)
    add("dense/bias", HIDDEN)
    add_norm(10, HIDDEN)
    add("dense_1/kernel", HIDDEN, 50)
    add("dense_1/bias", 50)
    made["global_step"] = np.array(7, np.int64)
    return made


def reference(t: dict[str, np.ndarray], patch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tags of a patch [187, 96] and the layer before them: musicnn/models.py, channels last, in plain NumPy."""

    def norm(x: np.ndarray, i: int) -> np.ndarray:
        p = f"batch_normalization_{i}" if i else "batch_normalization"
        scale = t[f"{p}/gamma"] / np.sqrt(t[f"{p}/moving_variance"] + 1e-3)
        return (x - t[f"{p}/moving_mean"]) * scale + t[f"{p}/beta"]

    def conv(x: np.ndarray, i: int, before: int, behind: int) -> np.ndarray:
        """Float [time, pitch] to [time, pitches left, filters]."""
        name = f"conv2d_{i}" if i else "conv2d"
        kernel = t[f"{name}/kernel"]
        padded = np.pad(x, ((before, behind), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2])
        out = np.einsum("tpij,ijf->tpf", windows, kernel[:, :, 0]) + t[f"{name}/bias"]
        return norm(np.maximum(out, 0), i + 1)

    x = norm(patch[..., None], 0)[..., 0]
    pads = ((3, 3), (3, 3), (63, 64), (31, 32), (15, 16))
    front = np.concatenate([conv(x, i, *pad).max(axis=1) for i, pad in enumerate(pads)], axis=1)
    first = conv(front, 5, 3, 3)[:, 0]
    second = conv(first, 6, 3, 3)[:, 0] + first
    third = conv(second, 7, 3, 3)[:, 0] + second
    heard = np.concatenate([front, first, second, third], axis=1)
    pooled = np.stack([heard.max(axis=0), heard.mean(axis=0)], axis=1).ravel()
    hidden = np.maximum(norm(pooled, 9) @ t["dense/kernel"] + t["dense/bias"], 0)
    return 1 / (1 + np.exp(-(norm(hidden, 10) @ t["dense_1/kernel"] + t["dense_1/bias"]))), hidden


def test_a_checkpoint_is_read_to_the_last_bit(tensors) -> None:
    found = read_checkpoint(*checkpoint_of(tensors))
    assert set(found) == set(tensors) - {"global_step"}
    for name, tensor in found.items():
        assert tensor.shape == tensors[name].shape
        assert tensor.data == tensors[name].tobytes()


def test_the_network_is_the_one_that_numpy_computes(tensors, tmp_path) -> None:
    model = to_onnx(*checkpoint_of(tensors))
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    path = tmp_path / "small.onnx"
    path.write_bytes(model)
    patches = np.random.default_rng(5).uniform(0, 4, (2, FRAMES, BANDS)).astype(np.float32)
    found = open_session(path, threads=1).run(["tags", "hidden"], {"mels": patches})
    expected = zip(*(reference(tensors, patch.astype(np.float64)) for patch in patches), strict=True)
    for output, values in zip(found, expected, strict=True):
        np.testing.assert_allclose(output, values, rtol=2e-5, atol=2e-5)
        assert np.ptp(values) > 0.2


def test_the_same_checkpoint_always_becomes_the_same_bytes(tensors) -> None:
    files = checkpoint_of(tensors)
    assert to_onnx(*files) == to_onnx(*files)
    assert b"Universitat Pompeu Fabra" in to_onnx(*files)


def test_a_missing_layer_is_named(tensors) -> None:
    files = checkpoint_of({name: value for name, value in tensors.items() if name != "dense/bias"})
    with pytest.raises(KeyError, match="dense/bias"):
        to_onnx(*files)


def test_damaged_files_are_refused(tensors) -> None:
    index, data = checkpoint_of(tensors)
    for damaged in ((b"", data), (index[:-1], data), (index, data[:-100])):
        with pytest.raises(ValueError, match=r"table|tensor"):
            read_checkpoint(*damaged)
    with pytest.raises(ValueError, match="compressed"):
        read_checkpoint(index.replace(bytes(5), b"\x01" * 5), data)
    with pytest.raises(ValueError, match="kind"):
        list(read_fields(b"\x0b"))
