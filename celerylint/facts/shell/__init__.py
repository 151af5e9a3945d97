"""A small, tolerant reader of POSIX shell and bash: text to statements, statements to the commands they start.

``grammar`` holds the statements, ``words`` and ``parse`` read them, ``items`` is what an expanded command consists
of, ``expand`` and ``run`` follow variables, conditions and functions as far as that goes without running anything.
"""
