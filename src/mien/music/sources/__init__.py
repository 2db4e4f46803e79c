"""Sources of music, behind the protocols in ``source``; one file each.

To add a kind of server, start from ``docs/plugins.md``. ``subsonic`` and ``mpd`` are sources that have an API client
in ``mien.music.servers``.
"""
