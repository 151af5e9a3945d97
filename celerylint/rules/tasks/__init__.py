"""Tasks: definition and discovery."""
