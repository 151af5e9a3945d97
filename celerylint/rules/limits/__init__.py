"""Limits, acknowledgement, state and locks."""
