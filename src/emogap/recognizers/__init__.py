"""Room: recognizers."""
