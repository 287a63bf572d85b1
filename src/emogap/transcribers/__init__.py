"""Transcribers, speech to text (paper, equation 3): one plug-in, one file."""
