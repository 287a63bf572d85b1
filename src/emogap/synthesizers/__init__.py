"""Room: synthesizers."""
