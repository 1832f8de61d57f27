"""Sampling of plans."""
