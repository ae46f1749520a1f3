"""The rounded outline around a text of several lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath


def rounded_outline(rects: Sequence[QRectF], radius: float) -> list[QPainterPath]:
    """The outlines around rectangles that lie below each other.

    Neighbours that share part of an edge have a common outline, others an outline each.
    """
    groups: list[list[QRectF]] = []
    for rect in rects:
        above = groups[-1][-1] if groups else None
        if above and rect.left() < above.right() - radius and above.left() < rect.right() - radius:
            groups[-1].append(rect)
        else:
            groups.append([rect])
    return [_rounded(_corners(group), radius) for group in groups]


def _corners(rects: Sequence[QRectF]) -> list[QPointF]:
    """The corners of the outline, clockwise from the top left, without straight corners."""
    right = [point for r in rects for point in (r.topRight(), r.bottomRight())]
    left = [point for r in rects for point in (r.topLeft(), r.bottomLeft())]
    corners = right + left[::-1]
    count = len(corners)
    return [
        corners[i]
        for i in range(count)
        if not corners[i - 1].x() == corners[i].x() == corners[(i + 1) % count].x()
    ]


def _rounded(corners: Sequence[QPointF], radius: float) -> QPainterPath:
    """A closed path along the corners, rounded by the radius or as much as the edges allow."""
    path = QPainterPath()
    count = len(corners)
    for i, corner in enumerate(corners):
        start = _towards(corner, corners[i - 1], radius)
        end = _towards(corner, corners[(i + 1) % count], radius)
        if i:
            path.lineTo(start)
        else:
            path.moveTo(start)
        path.quadTo(corner, end)
    path.closeSubpath()
    return path


def _towards(corner: QPointF, other: QPointF, radius: float) -> QPointF:
    """The point `radius` away from a corner on the edge to another corner, at most half-way."""
    length = abs(other.x() - corner.x()) + abs(other.y() - corner.y())  # edges are axis-parallel
    return corner + (other - corner) * (min(radius, length / 2) / length if length else 0.0)
