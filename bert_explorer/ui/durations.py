"""Lengths of time in words."""


def format_duration(seconds: float) -> str:
    """In words, rounded up to what such an estimate is worth.

    >>> format_duration(8), format_duration(95), format_duration(4000)
    ('10 seconds', '2 minutes', '1.2 hours')
    """
    if seconds < 50:
        return f"{max(10, 10 * round(seconds / 10 + 0.49)):d} seconds"
    minutes = round(seconds / 60 + 0.49)
    if minutes < 60:
        return "1 minute" if minutes <= 1 else f"{minutes} minutes"
    return f"{seconds / 3600 + 0.05:.1f} hours"
