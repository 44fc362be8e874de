"""Frozen nouns. They compute nothing and import nothing of ours."""

from .ablation import AblationPlan, AblationResult, Measure, Probe, Track, Verdict
from .complaint import Complaint
from .edit import AddNoise, ChangeEntries, Edit, MatchedControl, RemoveTrap, SubtractMean
from .finding import SCHEMA, Finding, Picture, Provenance, Report, Strength
from .layer import LayerRef, Unfolding, WeightMatrix
from .measurement import Card, Measurement, Table
from .spectrum import NullFit, Spectrum, TailFit
from .trap import Cause, Engine, Entry, EntryStatistics, Patch, Trap, TrapPrediction, TrapScan

__all__ = [
    "SCHEMA",
    "AblationPlan",
    "AblationResult",
    "AddNoise",
    "Card",
    "Cause",
    "ChangeEntries",
    "Complaint",
    "Edit",
    "Engine",
    "Entry",
    "EntryStatistics",
    "Finding",
    "LayerRef",
    "MatchedControl",
    "Measure",
    "Measurement",
    "NullFit",
    "Patch",
    "Picture",
    "Probe",
    "Provenance",
    "RemoveTrap",
    "Report",
    "Spectrum",
    "Strength",
    "SubtractMean",
    "Table",
    "TailFit",
    "Track",
    "Trap",
    "TrapPrediction",
    "TrapScan",
    "Unfolding",
    "Verdict",
    "WeightMatrix",
]
