"""Pair metrics of direction: leading subspaces, intruder dimensions."""

from __future__ import annotations

import numpy as np

from ...records import TopSubspaces
from . import worked
from .registry import pair_metric

ANGLES = "Björck and Golub (1973)"
INTRUDERS = "Shuttleworth et al. (2024, arXiv 2410.21228): 10 leading left vectors, cosine below 0.5"
BLIND = ("rotation_blind", "permutation_blind")
HALF = worked.subspaces([[1.0, 0.0], [0.0, 0.6]])


@pair_metric(
    symbol="k",
    meaning="Number of leading directions whose subspaces are compared: given, or the spikes of the base.",
    source="Johnstone (2001), Tracy–Widom edge of the law fitted to the base",
    laws=("scale_free", "within_short_side", *BLIND),
    worked=((HALF, 2.0),),
)
def subspace_size(subspaces: TopSubspaces) -> float:
    """``k`` of :func:`subspaces_of`."""
    return float(subspaces.k)


@pair_metric(
    symbol="overlap U",
    meaning="Mean squared cosine of the principal angles of leading left subspaces: 1 is the same, k/n is chance.",
    source=ANGLES,
    laws=("scale_free", "within_unit", "one_for_equal", *BLIND),
    worked=((HALF, 0.68),),
)
def left_overlap(subspaces: TopSubspaces) -> float:
    """``‖U_aᵀ U_b‖_F² / k``; left is the output side, the rows of a stored tensor but for ``Conv1D``."""
    return _overlap(subspaces.left_cosines)


@pair_metric(
    symbol="k/n U",
    meaning="Overlap that two random left subspaces of this size have on average.",
    source="Mean of ‖U_aᵀU_b‖_F²/k over independent uniform subspaces",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((HALF, 0.25),),
)
def left_overlap_by_chance(subspaces: TopSubspaces) -> float:
    """``k / n`` with ``n`` the length of a left vector."""
    return subspaces.k / subspaces.n_left


@pair_metric(
    symbol="overlap V",
    meaning="Mean squared cosine of the principal angles of leading right subspaces: 1 is the same, k/n is chance.",
    source=ANGLES,
    laws=("scale_free", "within_unit", "one_for_equal", *BLIND),
    worked=((HALF, 0.68),),
)
def right_overlap(subspaces: TopSubspaces) -> float:
    """``‖V_aᵀ V_b‖_F² / k``; right is the input side."""
    return _overlap(subspaces.right_cosines)


@pair_metric(
    symbol="k/n V",
    meaning="Overlap that two random right subspaces of this size have on average.",
    source="Mean of ‖V_aᵀV_b‖_F²/k over independent uniform subspaces",
    laws=("scale_free", "within_unit", *BLIND),
    worked=((HALF, 0.5),),
)
def right_overlap_by_chance(subspaces: TopSubspaces) -> float:
    """``k / n`` with ``n`` the length of a right vector."""
    return subspaces.k / subspaces.n_right


@pair_metric(
    symbol="θ U",
    unit="degrees",
    meaning="Largest principal angle of the leading left subspaces: 0 is the same, 90 has a direction of its own.",
    source=ANGLES,
    laws=("scale_free", "non_negative", *BLIND),
    worked=((worked.subspaces([[0.5]]), 60.0),),
)
def left_angle(subspaces: TopSubspaces) -> float:
    """``arccos`` of the smallest singular value of ``U_aᵀ U_b``; good to about 1e-6 degrees near 0."""
    return _angle(subspaces.left_cosines)


@pair_metric(
    symbol="θ V",
    unit="degrees",
    meaning="Largest principal angle of the leading right subspaces: 0 is the same, 90 has a direction of its own.",
    source=ANGLES,
    laws=("scale_free", "non_negative", *BLIND),
    worked=((worked.subspaces([[0.5]]), 60.0),),
)
def right_angle(subspaces: TopSubspaces) -> float:
    """``arccos`` of the smallest singular value of ``V_aᵀ V_b``."""
    return _angle(subspaces.right_cosines)


@pair_metric(
    symbol="intruders",
    meaning="Leading left directions of the other matrix that resemble no left direction of the base.",
    source=INTRUDERS,
    laws=("scale_free", "non_negative", "zero_for_equal", *BLIND),
    worked=((HALF, 1.0),),
)
def intruder_dimensions(subspaces: TopSubspaces) -> float:
    """Count of ``max_i |cos(u_j^other, u_i^base)| < threshold`` among the leading directions.

    A square layer of the base has a full set of left vectors, so that in a width of n no cosine can stay below
    ``1/√n``; nearly equal singular values rotate into each other and look like intruders without one.
    """
    return float(np.count_nonzero(subspaces.best_left < subspaces.threshold))


@pair_metric(
    symbol="min cos",
    meaning="Best resemblance to the base of the least familiar of the leading left directions.",
    source=INTRUDERS,
    laws=("scale_free", "within_unit", "one_for_equal", *BLIND),
    worked=((HALF, 0.4),),
)
def lowest_cosine(subspaces: TopSubspaces) -> float:
    """``min_j max_i |cos(u_j^other, u_i^base)|``; how close the count of intruders is to its threshold."""
    return float(subspaces.best_left.min())


def _overlap(cosines: np.ndarray) -> float:
    return min(float((cosines**2).sum() / len(cosines)), 1.0)


def _angle(cosines: np.ndarray) -> float:
    smallest = np.linalg.svd(cosines, compute_uv=False)[-1]
    return float(np.degrees(np.arccos(min(smallest, 1.0))))
