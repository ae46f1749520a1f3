"""Shows the state of a trial: its values, and what it is doing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.views.numeric.methods import short_name_of
from gui.views.numeric.state import TrialState
from gui.views.numeric.values import ValuesPane
from gui.views.numeric.words import misfit_text, not_examined_lines, parameter_lines


def show_values(values: ValuesPane, state: TrialState) -> None:
    """Show the chosen parameter by the chosen method, beside backpropagation."""
    name, lines = values.parameter.currentData(), list[str]()
    if state.check is not None:
        for parameter in state.check.parameters:
            lines += parameter_lines(state.check, parameter) if parameter.name == name else []
        lines = lines or not_examined_lines(state.check, name)
    missing = next((misfit for misfit in state.misfits if misfit.parameter == name), None)
    method = values.method.currentData()
    values.show_values(
        state.numeric.get(method, {}), state.backprop, lines, state.shapes, misfit_text(missing)
    )


def current_work(state: TrialState | None) -> str:
    """The current work in a word or two; "" if it is no trial's."""
    if state is None:
        return ""
    if state.running is not None:
        return short_name_of(state.running)
    if state.judging:
        return QCoreApplication.translate("numeric", "verdict")
    if state.check is not None:
        return QCoreApplication.translate("numeric", "h sweep")
    return ""
