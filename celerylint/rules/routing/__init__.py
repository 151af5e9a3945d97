"""Queues and routes."""
