"""Converts published networks to ONNX in pure Python; only the build hook uses it."""
