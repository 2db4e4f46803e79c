"""What several commands share: output, progress, options and files."""
