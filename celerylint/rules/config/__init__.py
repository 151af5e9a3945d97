"""Settings, transports and security."""
