"""The rules: one folder per family, one file per rule, found by walking. A module whose name starts with ``_`` is no
rule."""
