"""Finds faces in pictures and reads their expressions."""
