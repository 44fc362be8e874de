"""Matrices in, records out: spectra, null fits, tails, traps, what explains them, and edits."""
