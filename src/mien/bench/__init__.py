"""Measures mien on this machine: how long frames take, how soon it starts, how many it serves, what memory it needs."""
