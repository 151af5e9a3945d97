"""Canvas: chains, groups and chords."""
