"""The compiled sums of :mod:`quick`; importing this loads the compiler, so that is done at the first comparison.

Row by row, each read from memory once; what is made on the way is one row long and stays in the cache. The loops
have no branch, so that the processor takes many classes at a time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from ..spectra.compiling import compiled, compiled_loosely

_ONE, _TWO, _HALF, _ZERO = (np.float32(number) for number in (1, 2, 0.5, 0))
_LOG2_E, _LN_2 = np.float32(1 / np.log(2)), np.float32(np.log(2))
# ln 2 in two numbers: times a small integer the first one is exact.
_LN_2_HIGH = np.float32(355 / 512)
_LN_2_LOW = np.float32(np.log(2) - 355 / 512)
_LOWEST, _HIGHEST = np.float32(-87), np.float32(88)
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1 / k) for k in (2, 6, 24, 120, 720, 5040))
_L3, _L5, _L7, _L9 = (np.float32(1 / k) for k in (3, 5, 7, 9))
#: A float32 is a sign, eight bits of the exponent and 23 of the mantissa.
_MANTISSA, _BIAS, _ROOT_HALF = np.int32(23), np.int32(127), np.float32(0.5**0.5).view(np.int32)
_NONE, _SOME = np.int32(0), np.int32(1)

#: Each class by itself, in the order in which it is written, since other orders would cancel more.
_by_class = partial(compiled, fastmath={"contract"}, error_model="numpy")
#: Sums over the classes, in any order.
_over_classes = partial(compiled_loosely, error_model="numpy")


def _cast(context, builder, signature, values):
    return builder.bitcast(values[0], context.get_value_type(signature.return_type))


#: The float32 of some bits, and the bits of a float32.
_float_of: Any = intrinsic(lambda _, bits: (types.float32(types.int32), _cast))
_bits_of: Any = intrinsic(lambda _, number: (types.int32(types.float32), _cast))


@_by_class
def _gap(after, before, inverse, shift):
    """How far a logit is above another one, less ``shift``."""
    return (after - before) * inverse - shift


@_by_class
def _parts_of_exp(x):
    """exp(r) − 1 and 2ⁿ with exp(x) = 2ⁿ exp(r) and |r| ≤ ln(2)/2, by Taylor's series; x is taken from −87 to 88."""
    x = x if x > _LOWEST else _LOWEST
    x = x if x < _HIGHEST else _HIGHEST
    n = np.floor(x * _LOG2_E + _HALF)
    r = x - n * _LN_2_HIGH - n * _LN_2_LOW
    part = r + r * r * (_E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * (_E6 + r * _E7)))))
    return part, _float_of(np.int32((np.int32(n) + _BIAS) << _MANTISSA))


@_by_class
def _exp(x):
    part, power = _parts_of_exp(x)
    return power * part + power


@_by_class
def _expm1(x):
    part, power = _parts_of_exp(x)
    return power * part + (power - _ONE)


@_by_class
def _log1p(x):
    """ln(1 + x) = n ln 2 + 2 artanh(z / (2 + z)) with 1 + z from √½ to √2, by the series; x ≥ −½."""
    bits = _bits_of(_ONE + x)
    n = np.int32(np.int32(bits - _ROOT_HALF) >> _MANTISSA)
    z = x if n == _NONE else _float_of(np.int32(bits - np.int32(n << _MANTISSA))) - _ONE
    t = z / (_TWO + z)
    square = t * t
    return _TWO * t * (_ONE + square * (_L3 + square * (_L5 + square * (_L7 + square * _L9)))) + np.float32(n) * _LN_2


@_over_classes
def _ratios(after, before, p, top, inverse, gap, ratio):
    """Fill g and exp(g) − 1; sums of g, g² and p (exp(g) − 1), how many classes are above ``top``, and too far."""
    total, square, excess, above, beyond = _ZERO, _ZERO, _ZERO, _NONE, _NONE
    highest = after[top]
    shift = (highest - before[top]) * inverse
    for j in range(after.size):
        g = _gap(after[j], before[j], inverse, shift)
        gap[j] = g
        total += g
        square += g * g
        above += _SOME if after[j] > highest else _NONE
        beyond += _NONE if g <= _HIGHEST else _SOME
        ratio[j] = _expm1(g)
        excess += p[j] * ratio[j]
    return total, square, excess, above, beyond


@_over_classes
def _moments(before, p, level, inverse, ratio, excess, near):
    """Turn exp(g) − 1 into x; Σ p x ln p, Σ p |x|, Σ p x², Σ p x³, Σ p x⁴, and how many |x| are above ``near``."""
    cross, variation, two, three, four, far = _ZERO, _ZERO, _ZERO, _ZERO, _ZERO, _NONE
    scale = _HALF / (_ONE + excess)
    for j in range(p.size):
        x = (ratio[j] - excess) * scale
        weighted = p[j] * x
        square = weighted * x
        ratio[j] = x
        cross += weighted * (before[j] * inverse - level)
        variation += abs(weighted)
        two += square
        three += square * x
        four += square * x * x
        far += _NONE if abs(x) <= near else _SOME
    return cross, variation, two, three, four, far


@_over_classes
def _logarithms(p, gap, ratio):
    """Σ p x g, Σ p g, Σ p ln(1+x) and Σ p x ln(1+x)."""
    both, expected, first, second = _ZERO, _ZERO, _ZERO, _ZERO
    for j in range(p.size):
        weighted, logarithm = p[j] * ratio[j], _log1p(ratio[j])
        both += weighted * gap[j]
        expected += p[j] * gap[j]
        first += p[j] * logarithm
        second += weighted * logarithm
    return both, expected, first, second


@_over_classes
def sums_into(sums, afters, before, p, top, level, inverse, near, start, stop):
    """Fill rows ``start`` to ``stop`` of ``sums (n_edits, n_rows, 11)`` with the fields of ``quick._Sums``.

    ``afters (n_edits, n_rows, n_classes)`` and the original's rows are float32; ``inverse`` is 1 / temperature and
    ``level (n_rows,)`` what ln p is below the logits over the temperature. All sums of a row are NaN where exp(g) is
    too large for float32.
    """
    gap, ratio = np.empty(p.shape[1], np.float32), np.empty(p.shape[1], np.float32)
    for row in range(start, stop):
        for edit in range(afters.shape[0]):
            out = sums[edit, row]
            total, square, excess, above, beyond = _ratios(
                afters[edit, row], before[row], p[row], top[row], inverse, gap, ratio
            )
            cross, variation, two, three, four, far = _moments(
                before[row], p[row], level[row], inverse, ratio, excess, near
            )
            out[0], out[1], out[2], out[3], out[4] = total, np.sqrt(square), excess, cross, variation
            out[5], out[6] = above == 0, far == 0
            out[7], out[8], out[9], out[10] = two, three, four, _ZERO
            if far > 0:
                out[7], out[8], out[9], out[10] = _logarithms(p[row], gap, ratio)
            if beyond > 0:
                out[:] = np.nan


@_by_class
def _place_of_largest(values):
    place = 0
    for j in range(values.size):
        if values[j] > values[place]:
            place = j
    return place


@_over_classes
def _powers(logits, top, inverse, p):
    """Fill exp of the gap to the top logit; its sum, and the mean of the logits."""
    total, whole = _ZERO, _ZERO
    for j in range(p.size):
        p[j] = _exp(_gap(logits[j], logits[top], inverse, _ZERO))
        total += p[j]
        whole += logits[j]
    return total, whole / np.float32(p.size)


@_over_classes
def _shared(logits, p, total, mean, level, inverse, lowest):
    """Divide by the sum; the square of the norm of the centred ln p, and how many of them are not above ``lowest``."""
    share, square, below = _ONE / total, _ZERO, _NONE
    for j in range(p.size):
        p[j] *= share
        centred = (logits[j] - mean) * inverse
        square += centred * centred
        below += _NONE if logits[j] * inverse - level > lowest else _SOME
    return square, below


@_by_class
def rows_into(logits, p, top, level, norm, inverse, lowest, start, stop):
    """Fill rows ``start`` to ``stop`` of what ``quick.Rows`` holds.

    The norm is NaN in rows in which a ln p is not above ``lowest``.
    """
    for row in range(start, stop):
        top[row] = _place_of_largest(logits[row])
        total, mean = _powers(logits[row], top[row], inverse, p[row])
        level[row] = logits[row, top[row]] * inverse + np.log(total)
        square, below = _shared(logits[row], p[row], total, mean, level[row], inverse, lowest)
        norm[row] = np.nan if below > 0 else np.sqrt(square)
