"""Processes: workers, beat and their deployment."""
