"""Benchmarks: ``make bench``. Ratios of interleaved runs beside the tools of the field, and what became of each target.

The sides of a ratio alternate within one process, since milliseconds of a shared machine do not compare. Processor time
is what the work costs; the time on the clock also counts what else the machine does.
"""
