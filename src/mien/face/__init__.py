"""Finds faces in images and reads their expressions."""
