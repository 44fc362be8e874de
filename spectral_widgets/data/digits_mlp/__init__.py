"""Eight checkpoints of one small network that memorises, groks and un-groks."""
