"""Screens: a mouse on everything else."""
