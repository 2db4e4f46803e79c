"""Opens a network in ONNX Runtime, which is kept from telling its maker that it runs."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnxruntime


def silent_onnxruntime() -> Any:
    """The package onnxruntime, kept from telling its maker that it runs.

    Its builds of today (1.32) give the machine a number, keep a diary in the person's cache and send it to Microsoft,
    from the moment that they are imported; by then the environment has to say no.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    runtime = import_module("onnxruntime")
    runtime.disable_telemetry_events()  # for builds that do not ask the environment
    return runtime


def open_session(path: Path, *, threads: int, lean: bool = False) -> onnxruntime.InferenceSession:
    """The network in an ONNX file, on the CPU; raises exceptions of onnxruntime's own, which share no base.

    A ``lean`` one takes memory for each step as it comes, not for all of them at once.
    """
    runtime = silent_onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = not lean
    # Between two frames its threads would spin at full load for the half millisecond that this saves.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
