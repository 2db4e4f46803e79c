"""The catalogue of a person's music, its database, and the scans that keep it up to date."""
