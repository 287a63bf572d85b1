"""Whole jobs: a recipe reads sources, runs the steps in order and leaves a run folder."""
