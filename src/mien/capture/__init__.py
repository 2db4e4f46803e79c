"""From a webcam, a video or a photograph to frames."""
