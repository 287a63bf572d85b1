"""Recognizers, speech to emotion (paper, equation 1): one plug-in, one file."""
