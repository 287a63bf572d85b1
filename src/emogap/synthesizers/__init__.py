"""Text and emotion to speech, one file each (paper, equation 2)."""
