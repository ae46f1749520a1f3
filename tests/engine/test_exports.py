"""What scripts and notebooks need is exported by `engine`."""

from __future__ import annotations

import engine
import engine.errors as errors
from engine.debug.breakpoints import places
from engine.debug.travel import edits
from engine.errors import RetrogradError, base, conditions, data, files, numeric, run, session


def test_every_name_that_is_promised_is_there():
    assert len(set(engine.__all__)) == len(engine.__all__)
    assert [name for name in engine.__all__ if not hasattr(engine, name)] == []


def test_every_kind_of_breakpoint_and_of_edit_is_exported():
    assert {*places.KINDS, *edits.KINDS, "Change", "Quantity", "How"} <= set(engine.__all__)


def test_every_error_is_exported_by_the_package_of_errors():
    for module in (base, conditions, data, files, numeric, run, session):
        own = {
            name for name, one in vars(module).items()
            if isinstance(one, type) and one.__module__ == module.__name__
        }  # fmt: skip
        assert own <= set(module.__all__) and own <= set(vars(errors))
    assert engine.RetrogradError is RetrogradError is base.RetrogradError
