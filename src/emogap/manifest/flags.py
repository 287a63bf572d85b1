"""What is odd about an utterance's file: the flags that inspection sets, and the one a label policy leaves."""

__all__ = ["CONFLICTING", "DUPLICATE", "INSPECTED", "LABEL_DROPPED", "UNREADABLE"]

DUPLICATE = "duplicate_pcm"
"""Of the second and later utterances with the same samples and the same emotion."""

CONFLICTING = "duplicate_conflicting_label"
"""Of every utterance whose samples occur under more than one emotion."""

UNREADABLE = "unreadable"
"""Of an utterance whose file cannot be decoded; it stays in the manifest, and every step counts it as failed."""

LABEL_DROPPED = "label_dropped"
"""Of an utterance whose own label the policy drops; it has no emotion and counts in no score."""

INSPECTED = frozenset({DUPLICATE, CONFLICTING, UNREADABLE, "multichannel", "odd_rate", "clipped", "silent", "misnamed"})
"""Flags that opening the audio decides anew, whatever a manifest says."""
