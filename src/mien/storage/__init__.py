"""Files and keyrings that only their owner can read."""
