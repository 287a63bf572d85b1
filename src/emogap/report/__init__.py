"""From a run folder alone to one self-contained page: tables, figures, players, settings."""

from emogap.report.page import draw

__all__ = ["draw"]
