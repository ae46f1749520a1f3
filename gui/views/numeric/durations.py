"""The texts of times, counts and multiples in the contest."""

from __future__ import annotations

from gui.paint.values import number_text


def seconds_text(seconds: float) -> str:
    """`0.85 ms`, `27.3 s`, `3 min 20 s`: three digits and a suitable unit."""
    if seconds <= 0:
        return "0 s"
    if seconds < 0.9995e-3:
        return f"{number_text(seconds * 1e6, 3)} µs"
    if seconds < 0.9995:
        return f"{number_text(seconds * 1e3, 3)} ms"
    if seconds < 120:
        return f"{number_text(seconds, 3)} s"
    whole = round(seconds)
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def remaining_text(seconds: float) -> str:
    """`3.4 s`, `17 s`, `2 min 5 s`: remaining seconds, no finer than the estimate allows."""
    if seconds < 9.95:
        return f"{max(seconds, 0.1):.1f} s"
    return f"{seconds:.0f} s" if seconds < 99.5 else seconds_text(max(seconds, 120.0))


def count_text(count: int) -> str:
    """`79,520`: with the separator of the words beside it."""
    return f"{count:,}"


def multiple_text(times: float) -> str:
    """`32,300`, `2.4`, `1`: a multiple of backpropagation's time in three digits."""
    if times >= 1000:
        power = 10 ** (len(str(int(times))) - 3)
        return count_text(round(times / power) * power)
    return number_text(times, 3) if times != 1 else "1"
