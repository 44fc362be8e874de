"""The two trainings of the papers on correlation traps that fit on one core, and what was recorded of them."""
