"""Tells whether an exception was raised in the step's own frame, or in something that it calls.

A StopIteration or SystemExit of the step's own frame ends the run: the data are used up, or the
step has called `sys.exit()`. From deeper it is an exception of the batch like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any

from engine.debug.reach.contents import dictionary_of
from engine.debug.record.notices import function_of
from engine.own_code import DEBUGGER

_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")  # frames of their own before 3.12
_Key = tuple[str, str, int]


def ends_the_run(step: Any, error: BaseException) -> bool:
    """Whether an exception of a step, recorded or plain, is the end of the run."""
    return isinstance(error, (StopIteration, SystemExit)) and raised_in_step(step, error)


def raised_in_step(step: Any, error: BaseException) -> bool:
    """Whether an exception was raised in the frame of the step itself, by its traceback.

    Code without Python frames, such as `next`, counts as the frame that calls it. So does an
    iterator's `__next__` that says by a StopIteration that it has ended, and so do `exit()` and
    `quit()`.
    """
    own = _codes_of(step)
    frames = [
        frame
        for frame in _frames_of(error)
        if not frame.f_code.co_filename.startswith(DEBUGGER)
        and frame.f_code.co_name not in _COMPREHENSIONS
    ]
    while frames and _key_of(frames[0].f_code) not in own:
        frames.pop(0)
    if not frames:
        return False
    while frames and _key_of(frames[0].f_code) in own:
        own.discard(_key_of(frames.pop(0).f_code))
    return not frames or _says_the_end(frames[0], error)


def _says_the_end(frame: FrameType, error: BaseException) -> bool:
    """Whether what the step has called is Python code that stands for a raise of its own."""
    if isinstance(error, StopIteration):
        return frame.f_code.co_name == "__next__"
    return isinstance(error, SystemExit) and frame.f_globals.get("__name__") == "_sitebuiltins"


def _frames_of(error: BaseException) -> Iterator[FrameType]:
    place: TracebackType | None = error.__traceback__
    while place is not None:
        yield place.tb_frame
        place = place.tb_next


def _codes_of(step: Any) -> set[_Key]:
    """The codes of the step's function, and of those that its decorators have wrapped."""
    found: set[_Key] = set()
    function: Any = function_of(step)
    while type(function) is FunctionType:
        key = _key_of(function.__code__)
        if key in found:
            break
        found.add(key)
        function = (dictionary_of(function) or {}).get("__wrapped__")
    return found


def _key_of(code: CodeType) -> _Key:
    """Identifies a function; its twin has the same."""
    return code.co_filename, code.co_qualname, code.co_firstlineno
