"""Fitting on frames of a frozen encoder: heads, and how they are chosen."""
