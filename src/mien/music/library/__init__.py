"""The catalogue of the user's music, its database, and the scans that keep it up to date."""
