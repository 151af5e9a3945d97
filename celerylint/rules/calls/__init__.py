"""Calls: how and when a message is sent."""
