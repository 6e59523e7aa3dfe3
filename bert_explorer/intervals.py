"""How far a measured share can be trusted. Shared by every room that shows one."""

import math

Z_95 = 1.959964  # of the normal distribution, for intervals that hold in 95 of 100 samples


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """Bounds of a share, such that 95 of 100 samples hold the true one (Wilson 1927); (0, 1) without trials.

    With p = hits / count and z = 1.96:
    (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)

    >>> tuple(round(bound, 4) for bound in wilson_interval(8, 10))
    (0.4902, 0.9433)
    """
    if count == 0:
        return 0.0, 1.0
    share, weight = hits / count, Z_95**2 / count
    middle = share + weight / 2
    half = Z_95 * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    low, high = (middle - half) / (1 + weight), (middle + half) / (1 + weight)
    return max(0.0, low), min(1.0, high)
