"""Results by content of the matrix, in one file of the user's cache folder. Knows records, no mathematics."""

from .result_cache import LIMIT_BYTES, Cache
from .shelf import Shelf

#: The store of this process.
cache = Cache()

__all__ = ["LIMIT_BYTES", "Cache", "Shelf", "cache"]
