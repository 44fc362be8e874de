"""Questions that a user can ask of a layer, a trap or the whole model; one file per study."""
