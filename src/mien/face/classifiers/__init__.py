"""Classifiers of facial expressions: one file each, behind the protocol in ``classifier``."""
