"""Writes ONNX models node by node, with reproducible bytes.

The field numbers are those of github.com/onnx/onnx, onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversion.checkpoint import Tensor
from conversion.wire import block, number, real

_IR_VERSION, _OPSET = 8, 13
_FLOAT, _INT64 = 1, 7
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7

Attribute = int | float | Sequence[int]


class Graph:
    """Builds an ONNX graph: ``weight`` and ``integers`` add constants, ``add`` adds a node."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}

    def weight(self, name: str, tensor: Tensor) -> str:
        """Add a float32 constant and return its name."""
        return self._constant(name, _FLOAT, tensor.shape, tensor.data)

    def integers(self, name: str, values: Sequence[int]) -> str:
        """Add a one-dimensional int64 constant and return its name."""
        return self._constant(name, _INT64, (len(values),), b"".join(value.to_bytes(8, "little") for value in values))

    def _constant(self, name: str, kind: int, shape: Sequence[int], data: bytes) -> str:
        dims = b"".join(number(1, size) for size in shape)
        self._constants[name] = dims + number(2, kind) + block(8, name) + block(9, data)
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> str:
        """Add a node.

        Args:
            operator: The ONNX operator.
            inputs: The names of the inputs.
            output: The name of the output.
            **attributes: The operator's attributes.

        Returns:
            ``output``.
        """
        parts = [block(1, name) for name in inputs] + [block(2, output), block(3, output), block(4, operator)]
        parts += [block(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(parts))
        return output

    def model(
        self,
        *,
        inputs: Mapping[str, Sequence[int | str]],
        outputs: Mapping[str, Sequence[int | str]],
        notes: Mapping[str, str],
    ) -> bytes:
        """The bytes of the model file.

        Args:
            inputs: The shapes of the inputs, all float32; a name in place of a size allows any size.
            outputs: The shapes of the outputs, likewise.
            notes: Metadata by key.
        """
        parts = [block(1, node) for node in self._nodes] + [block(2, self._name)]
        parts += [block(5, constant) for constant in self._constants.values()]
        parts += [block(11, _value(name, shape)) for name, shape in inputs.items()]
        parts += [block(12, _value(name, shape)) for name, shape in outputs.items()]
        metadata = [block(14, block(1, name) + block(2, text)) for name, text in notes.items()]
        opset = block(8, block(1, "") + number(2, _OPSET))
        return b"".join(
            [number(1, _IR_VERSION), block(2, "mien"), block(7, b"".join(parts)), opset, *metadata],
        )


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return block(1, name) + real(2, value) + number(20, _ATTRIBUTE_FLOAT)
    if isinstance(value, int):
        return block(1, name) + number(3, value) + number(20, _ATTRIBUTE_INT)
    return block(1, name) + b"".join(number(8, one) for one in value) + number(20, _ATTRIBUTE_INTS)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    """A ``ValueInfoProto``: a name with its type and shape."""
    sizes = [block(1, number(1, size) if isinstance(size, int) else block(2, size)) for size in shape]
    tensor = number(1, _FLOAT) + block(2, b"".join(sizes))
    return block(1, name) + block(2, block(1, tensor))
