"""Opens ONNX networks in ONNX Runtime, with its telemetry disabled."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnxruntime


def import_onnxruntime() -> Any:
    """Import the package onnxruntime with its telemetry disabled.

    From the import on, current builds (1.32) give the machine an id, write a log of their use into the user's cache and
    send it to Microsoft, so the environment variable has to be set before.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    runtime = import_module("onnxruntime")
    runtime.disable_telemetry_events()  # for builds that ignore the environment variable
    return runtime


def open_session(path: Path, *, threads: int, lean: bool = False) -> onnxruntime.InferenceSession:
    """Open the network in an ONNX file on the CPU; raises onnxruntime's own exceptions, which share no base.

    Args:
        path: The ONNX file.
        threads: How many threads the network may use.
        lean: Whether to allocate memory for each step separately, which takes less memory and more time.

    Returns:
        The session.
    """
    runtime = import_onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = not lean
    # Otherwise its threads spin at full load between frames, which saves only half a millisecond.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
