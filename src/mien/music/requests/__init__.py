"""Requests for music in words, in English and German."""
