"""Turn one cloud of points onto another, so that what still moves has really moved.

Orthogonal Procrustes (Schoenemann 1966): of all rotations and reflections R the one that minimises
|A R - B|. With the singular value decomposition A^T B = U S V^T it is R = U V^T. Positions and sizes carry
no meaning between layers, so both clouds are centred and scaled to length 1 before:

    disparity = |A R - B|^2 = |A|^2 + |B|^2 - 2 sum(S)      0: the same shape, 2: nothing in common

A cloud whose points are all one has no length and stays 0: its disparity is 0 with another such cloud, and 1
with any that has a shape.

    A = [[1, 0], [-1, 0]], B = [[0, 3], [0, -3]]: R turns A by 90 degrees, disparity 0
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def standardize(points: Matrix) -> Matrix:
    """The cloud (num_points, k) around 0 with Frobenius norm 1; points that are all equal become zeros."""
    centred = points - points.mean(axis=0)
    norm = float(np.linalg.norm(centred))
    return np.asarray(centred / norm if norm > 0 else centred)


def align(points: Matrix, target: Matrix) -> tuple[Matrix, float]:
    """``points`` turned onto ``target`` (both standardized, (num_points, k)), and their disparity."""
    left, singular, right = np.linalg.svd(points.T @ target)
    disparity = float((points**2).sum() + (target**2).sum() - 2 * singular.sum())
    return points @ left @ right, max(0.0, disparity)


def align_all(clouds: list[Matrix]) -> tuple[list[Matrix], list[float]]:
    """Standardized clouds, each turned onto the one before it; disparities between neighbours."""
    aligned = [standardize(clouds[0])]
    disparities = []
    for cloud in clouds[1:]:
        turned, disparity = align(standardize(cloud), aligned[-1])
        aligned.append(turned)
        disparities.append(disparity)
    return aligned, disparities
