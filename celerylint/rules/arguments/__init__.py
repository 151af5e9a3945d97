"""Arguments and results: what travels through the broker."""
