"""Lights a variable where it is shown: in formula and picture, among the variables, in the source.

Whichever of them is pointed at, the others show the same.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.views.equation.view import EquationView
from gui.views.source.view import SourceView
from gui.views.variables.view import VariablesView
from gui.words.formula.formula import RESULT, Symbol


class LitSymbol(QObject):
    """Connects what can be pointed at with the symbols of the formula.

    Args:
        equation: has the formula and the picture.
        variables: has a row for each variable.
        source: has the code.
        parent: the window's connections.
    """

    def __init__(
        self,
        equation: EquationView,
        variables: VariablesView,
        source: SourceView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._variables, self._source = variables, source
        equation.symbols.pointed.connect(self._on_pointed)
        variables.variable_pointed.connect(equation.symbols.point_at_variable)
        source.place_pointed.connect(equation.symbols.point_at_source)

    def _on_pointed(self, symbol: Symbol | None) -> None:
        if symbol is None:
            self._variables.light(None)
            self._source.light(None)
            return
        at_cursor = symbol.operand == RESULT and self._variables.has_value
        name = symbol.variable or symbol.source
        self._variables.light("" if at_cursor else name or None)
        self._source.light(symbol.span)
