// What page and kernel say to each other; widgets/protocol.py says the same and a test holds the two equal.
export const VERSION = 1;
export const ACTIONS = ["hello", "set", "cancel", "measure", "reshuffle", "ablate", "ask", "pin", "note", "unpin", "export", "recipe", "freeze"];
export const EVENTS = ["answer", "panel", "rows", "progress", "finished", "notice", "drawn"];
export const JOBS = ["layers", "scan", "ablate", "study"];
export const PANELS = ["layers", "metrics", "spectrum", "trap", "study", "ablate", "findings"];
export const STATE_KEYS = ["layer", "selected", "sort", "filter", "x_scale", "y_scale", "bins", "seed", "n_shuffles", "level", "engine", "shuffle", "trap", "edit", "n_probes", "n_controls", "probe_seed", "controls", "probe_kind", "temperature", "stop", "smallest_effect", "columns", "bands", "chart_x", "chart_y", "chart_log", "view", "exact", "study", "study_settings"];
