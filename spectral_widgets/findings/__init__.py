"""What was learned: kept, handed on, compared and read again. Imports records and charts; computes nothing."""

from .comparing import ReportComparison, compare_reports
from .document import FORMATS, ReportDocument, load_report
from .store import FindingStore

__all__ = ["FORMATS", "FindingStore", "ReportComparison", "ReportDocument", "compare_reports", "load_report"]
