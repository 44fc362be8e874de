"""Results by content of the matrix, in one file of the user's cache folder. Knows records, no mathematics."""

from .places import LIMIT_BYTES, is_off_by_environment, named_folder
from .result_cache import Cache
from .shelf import Shelf

#: The store of this process.
cache = Cache()

__all__ = ["LIMIT_BYTES", "Cache", "Shelf", "cache", "is_off_by_environment", "named_folder"]
