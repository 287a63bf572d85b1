"""Readers of published corpora, one file each; ``folder`` reads anyone's own recordings."""
