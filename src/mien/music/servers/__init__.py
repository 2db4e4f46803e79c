"""How to talk to music servers: one file a protocol, below the sources, players and playlists that use them."""
