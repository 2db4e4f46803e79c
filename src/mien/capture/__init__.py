"""Reads frames from webcams, videos and photographs."""
