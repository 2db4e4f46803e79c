"""Where the classifiers were; ``mien evaluate`` still looks here."""

from mien.face.classifiers.onnx import default_classifier

__all__ = ["default_classifier"]
