"""Clients for the protocols of music servers, and what all connected servers offer (``server``)."""
