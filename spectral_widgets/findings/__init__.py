"""What was learned: kept, handed on, and read again. Imports records only; computes nothing."""

from .document import FORMATS, ReportDocument, load_report
from .store import FindingStore

__all__ = ["FORMATS", "FindingStore", "ReportDocument", "load_report"]
