"""Room: transcribers."""
