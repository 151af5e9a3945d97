"""Suppressions and configuration."""
