"""Record one call: swap the twins in, run, swap the plain code back.

The swap (`function.__code__ = twin`) is seen by the whole process, so a recording remembers its
thread: a twin that is called on another one gets no token and runs on silently. A function is only
swapped where its live code equals what its source compiles to; that proves that what is shown is
what runs. What has no twin (another package, numpy, C) counts as one expression.
"""

from __future__ import annotations

import builtins
import operator
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from threading import get_ident
from types import CodeType, FunctionType, MethodType, ModuleType, TracebackType
from typing import Any

import numpy as np

from engine.debug.checkpoints import State
from engine.debug.events import Frame, Kind, Phase
from engine.debug.history import MISSING, Faded, History, root_of
from engine.debug.instrument import SITES, TOKEN, Site, Twin, compile_twin
from engine.debug.trace import Raw, Trace
from engine.debug.writes import overwritten

_ELIDABLE = 262_144  # numpy reuses temporaries of this many bytes in place when nobody holds them
_IN_PLACE: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.iadd, "Sub": operator.isub, "Mult": operator.imul, "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv, "Mod": operator.imod, "Pow": operator.ipow,
    "MatMult": operator.imatmul, "LShift": operator.ilshift, "RShift": operator.irshift,
    "BitAnd": operator.iand, "BitOr": operator.ior, "BitXor": operator.ixor,
}  # fmt: skip
TRACE_BUDGET = 24 * 2**20
Array = np.ndarray[Any, Any]
_ndarray = np.ndarray


class Token(Frame):
    """A frame while it is being recorded: what its hooks need, at hand."""

    __slots__ = ("append", "events", "late", "recording", "site")
    append: Callable[[Raw], None]
    events: list[Raw]
    late: tuple[int, Any] | None
    recording: Recording
    site: Site


class Recording:
    """The events of one call as they come in."""

    def __init__(
        self, layer_names: Mapping[int, str], parts: list[Any], budget: int, window: range
    ) -> None:
        self.parts = parts
        self.budget = budget
        self.window = window
        self.held = 0  # bytes of the arrays kept, roughly
        self.faded_from: int | None = None  # from this event on arrays are kept in the window alone
        self.thread = get_ident()
        self.layer_names = layer_names
        self.events: list[Raw] = []
        self.frames: list[Token] = []
        self.history = History()
        self.reads: list[tuple[int, Any, str]] = []
        self.current: Token | None = None
        self.made: list[FunctionType] = []

    def keep(self, value: Array) -> Any:
        """What a trace may hold of an array, within its budget and without changing what numpy does.

        Holding a big temporary stops numpy from reusing it in place. Where it is not C-contiguous
        the layout of the next result, and with it the last bits of a later sum, would differ; so a
        copy is held instead.
        """
        if value.base is not None:
            return value
        if self.fades():
            return Faded(value.shape, str(value.dtype))
        self.held += value.nbytes
        if value.nbytes >= _ELIDABLE and not value.flags.c_contiguous:
            return value.copy(order="K")
        return value

    def fades(self) -> bool:
        """Whether what happens now is kept only in outline: over the budget and out of the window."""
        moment = len(self.events)
        if self.faded_from is None:
            if self.held + self.history.nbytes <= self.budget:
                return False
            self.faded_from = moment
        fading = moment not in self.window
        if fading and not self.history.fading:
            self.history.in_sight = self.in_sight()
        self.history.fading = fading
        return fading

    def in_sight(self) -> set[int]:
        """The arrays (by id of their roots) that events, variables and objects look at by now."""
        values = [value for _, _, value in self.events]
        values += [value for frame in self.frames for _, _, value in frame.bindings]
        values += State(self.parts, copies=False).live_arrays()
        return {id(root_of(value)) for value in values if type(value) is _ndarray}

    def fade_bindings(self, token: Token, names: Iterable[str] | None = None) -> None:
        """Let go of what local variables were bound to, now that they are bound anew or gone.

        Bindings that were in force at an event that is kept in full stay.
        """
        wanted = set(names) if names is not None else None
        bindings = token.bindings
        kept_until = self.window.stop if self.window else self.faded_from or 0
        for place in range(len(bindings) - 1, -1, -1):
            moment, name, value = bindings[place]
            if wanted is not None and name not in wanted:
                continue
            if (
                moment > (self.faded_from or 0)
                and moment not in self.window
                and (len(self.events) <= self.window.start or moment >= kept_until)
            ):
                if type(value) is _ndarray:
                    bindings[place] = (moment, name, Faded(value.shape, str(value.dtype)))
            else:
                return
            if wanted is not None:
                wanted.discard(name)
                if not wanted:
                    return

    def enter(
        self, site: Site, owner: Any, names: tuple[str, ...], values: tuple[Any, ...]
    ) -> Token:
        events = self.events
        parent = self.current
        moment = len(events)
        layer = self.layer_names.get(id(owner)) if owner is not None else None
        if parent is None:
            phase, depth = site.phase, 0
        else:
            phase = parent.phase if parent.depth else parent.site.phase
            depth = parent.depth + 1
            if layer is None:
                layer = parent.layer
        token = Token(
            site.function,
            site.file,
            site.span.line,
            owner,
            layer or "",
            phase,
            parent,
            depth,
            moment,
        )
        token.events, token.append, token.recording = events, events.append, self
        token.site, token.late = site, None
        if owner is not None and id(owner) not in self.history.objects and _has_state(owner):
            self.history.track(owner)
        token.bindings.extend(
            (moment, name, value) for name, value in zip(names, values, strict=True)
        )
        self.frames.append(token)
        self.current = token
        return token

    def let_go(self) -> None:
        """Undo the cycles between frames and events, so that a trace is freed when it is dropped."""
        for token in self.frames:
            del token.append, token.events, token.recording

    def detach(self, array: Any) -> None:
        """Let events look at an array that is about to change its shape through a view of their own."""
        seen = array.view()
        self.events[:] = [(s, f, seen if v is array else v) for s, f, v in self.events]
        for frame in self.frames:
            frame.bindings[:] = [(m, n, seen if v is array else v) for m, n, v in frame.bindings]


def _has_state(thing: Any) -> bool:
    return not isinstance(thing, (type, ModuleType)) and (
        hasattr(thing, "__dict__") or hasattr(type(thing), "__slots__")
    )


# The hooks: functions that twins call. Each is as short as it can be: a minibatch calls hundreds.

_active: Recording | None = None
_lock = threading.RLock()


def _here() -> Recording | None:
    """The recording of this thread."""
    recording = _active
    return recording if recording is not None and recording.thread == get_ident() else None


def _line(token: Token | None, number: int) -> None:
    if token is not None:
        token.site = SITES[number]
        token.recording.current = token
        token.append((number, token, None))


def _expression(token: Token | None, number: int, value: Any) -> Any:
    if token is not None:
        if type(value) is _ndarray:
            token.append((number, token, token.recording.keep(value)))
        else:
            token.append((number, token, value))
    return value


def _attribute(token: Token | None, number: int, thing: Any, name: str) -> Any:
    value = getattr(thing, name)
    if token is not None:
        stored = SITES[number].stored
        kind = type(thing)
        if kind not in stored:
            stored[kind] = _is_stored(thing, name)
        if stored[kind]:
            token.recording.reads.append((len(token.events), thing, name))
        else:
            token.recording.current = token
            token.append((number, token, value))
    return value


def _is_stored(thing: Any, name: str) -> bool:
    """Whether reading this attribute computes nothing: decided by the object's type."""
    for cls in type(thing).__mro__:
        if name in cls.__dict__:
            found = cls.__dict__[name]
            if type(found).__name__ == "member_descriptor":
                return True
            return not hasattr(type(found), "__get__") or isinstance(
                found, (FunctionType, staticmethod, classmethod)
            )
    if isinstance(thing, (type, ModuleType)):
        return True
    return not hasattr(type(thing), "__getattr__")


def _apply(token: Token | None, number: int, function: Any, /, *args: Any, **kwargs: Any) -> Any:
    recording = token.recording if token is not None else _here()
    if recording is None:
        return function(*args, **kwargs)
    if token is not None:
        recording.current = token
    if not _is_pure(function, args, kwargs) and not _adopt(function):
        _before(recording, function, args, kwargs)
        if getattr(function, "__name__", "") == "resize" and _is_array_method(function):
            kwargs = {**kwargs, "refcheck": False}
        value = function(*args, **kwargs)
        if function is setattr or function is delattr:
            recording.history.changed_behind(len(recording.events), args[0])
    else:
        value = function(*args, **kwargs)
    if token is not None:
        recording.current = token
        if type(value) is _ndarray:
            token.append((number, token, recording.keep(value)))
        else:
            token.append((number, token, value))
    return value


def _is_array_method(function: Any) -> bool:
    return isinstance(getattr(function, "__self__", None), _ndarray)


def _before(recording: Recording, function: Any, args: Any, kwargs: Any) -> None:
    moment = len(recording.events)
    for target in overwritten(function, args, kwargs):
        recording.history.before_write(moment, target)
    if _is_array_method(function) and function.__name__ == "resize":
        recording.detach(function.__self__)


_PURE_TYPES = frozenset({int, float, bool, str, len, range, zip, enumerate, isinstance, reversed,
                         abs, min, max, sum, list, tuple, dict, set, print, getattr, hasattr})  # fmt: skip


def _is_pure(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """The commonest calls that change nothing, told apart quickly."""
    if type(function) is np.ufunc:
        return len(args) <= function.nin and "out" not in kwargs
    return type(function) is not MethodType and _hashable(function) and function in _PURE_TYPES


def _hashable(thing: Any) -> bool:
    return type(thing).__hash__ is not None


def _set_attribute(token: Token | None, value: Any, thing: Any, name: str) -> None:
    recording = token.recording if token is not None else _here()
    if recording is None:
        setattr(thing, name, value)
        return
    if type(thing) is _ndarray:
        recording.detach(thing)
    if not _has_state(thing):
        setattr(thing, name, value)
        return
    history = recording.history
    if id(thing) not in history.objects:
        history.track(thing)
    setattr(thing, name, value)
    kind = type(thing)
    if kind.__setattr__ is object.__setattr__ and not hasattr(getattr(kind, name, None), "__set__"):
        history.stored(len(recording.events), thing, name, value)
    else:
        history.changed_behind(len(recording.events), thing)


def _delete_attribute(token: Token | None, thing: Any, name: str) -> None:
    recording = token.recording if token is not None else _here()
    if recording is not None and _has_state(thing):
        recording.history.track(thing)
    delattr(thing, name)
    if recording is not None and _has_state(thing):
        recording.history.changed_behind(len(recording.events), thing)


def _set_item(token: Token | None, value: Any, thing: Any, index: Any) -> None:
    recording = token.recording if token is not None else _here()
    if recording is not None:
        recording.history.before_write(len(recording.events), thing, index)
    thing[index] = value


def _delete_item(token: Token | None, thing: Any, index: Any) -> None:
    recording = token.recording if token is not None else _here()
    if recording is not None:
        recording.history.before_write(len(recording.events), thing)
    del thing[index]


class _AttributeTarget:
    """Stands for `thing` in `a, thing.name = ...`: the store is logged when Python comes to it."""

    __slots__ = ("_store",)

    def __init__(self, store: Callable[[str, Any], None]) -> None:
        object.__setattr__(self, "_store", store)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_store")(name, value)


class _ItemTarget:
    """Stands for `thing` in `a, thing[index] = ...`."""

    __slots__ = ("index", "thing", "token")

    def __init__(self, token: Token | None, thing: Any, index: Any) -> None:
        self.token, self.thing, self.index = token, thing, index

    def __setitem__(self, _: None, value: Any) -> None:
        _set_item(self.token, value, self.thing, self.index)


def _attribute_target(token: Token | None, thing: Any) -> _AttributeTarget:
    return _AttributeTarget(lambda name, value: _set_attribute(token, value, thing, name))


def _in_place(token: Token | None, name: str, left: Any, right: Any) -> Any:
    recording = token.recording if token is not None else _here()
    if recording is not None:
        recording.history.before_write(len(recording.events), left)
    return _IN_PLACE[name](left, right)


def _load_attribute(_: Token | None, thing: Any, name: str) -> tuple[Any, str, Any]:
    return thing, name, getattr(thing, name)


def _in_place_attribute(
    token: Token | None, name: str, thing: Any, attribute: str, left: Any, right: Any
) -> None:
    _set_attribute(token, _in_place(token, name, left, right), thing, attribute)


def _load_item(_: Token | None, thing: Any, index: Any) -> tuple[Any, Any, Any]:
    return thing, index, thing[index]


def _in_place_item(
    token: Token | None, name: str, thing: Any, index: Any, left: Any, right: Any
) -> None:
    recording = token.recording if token is not None else _here()
    if recording is not None and isinstance(
        thing, _ndarray
    ):  # the base, once: `left` may be a view
        recording.history.before_write(len(recording.events), thing, index)
        thing[index] = _IN_PLACE[name](left, right)
        return
    _set_item(token, _in_place(token, name, left, right), thing, index)


def _call(number: int, owner: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> Token | None:
    recording = _here()
    if recording is None:
        return None
    token = recording.enter(SITES[number], owner, names, values)
    if token.parent is not None:
        token.append((number, token, names))
    return token


def _return(token: Token | None, number: int, value: Any) -> Any:
    if token is not None:
        recording = token.recording
        if type(value) is _ndarray:
            token.append((number, token, recording.keep(value)))
        else:
            token.append((number, token, value))
        recording.current = token.parent
        if recording.faded_from is not None:
            recording.fade_bindings(token)
    return value


def _return_late(token: Token | None, number: int, value: Any) -> Any:
    if token is not None:
        token.late = (number, value)
    return value


def _leave(token: Token | None) -> None:
    """The end of a function that cleans up: only now has it really returned."""
    if token is not None and token.late is not None and sys.exc_info()[1] is None:
        _return(token, *token.late)


def _bind(token: Token | None, names: tuple[str, ...], values: tuple[Any, ...]) -> bool:
    if token is not None:
        moment = len(token.events)
        if token.recording.faded_from is not None:
            token.recording.fade_bindings(token, names)
        for name, value in zip(names, values, strict=True):
            token.bindings.append((moment, name, value))
            if type(value) is FunctionType:
                token.recording.made.append(value)
    return True


def _unbind(token: Token | None, names: tuple[str, ...]) -> None:
    if token is not None:
        moment = len(token.events)
        token.bindings.extend((moment, name, MISSING) for name in names)


def _named_expression(token: Token | None, number: int, name: str, value: Any) -> Any:
    _expression(token, number, value)
    _bind(token, (name,), (value,))
    return value


def _mark(token: Token | None) -> int:
    return len(token.bindings) if token is not None else 0


def _comprehension(
    token: Token | None, number: int, names: tuple[str, ...], before: int, value: Any
) -> Any:
    """The event of a comprehension; its variables end with it."""
    if token is not None:
        moment = len(token.events)
        outer = {name: bound for _, name, bound in token.bindings[:before]}
        token.bindings.extend((moment, name, outer.get(name, MISSING)) for name in names)
        token.append((number, token, value))
    return value


def _iterate(token: Token | None, number: int, iterable: Iterable[Any]) -> Iterator[Any]:
    """The items of a `for`; its line runs again before each but the first."""
    first = True
    for item in iterable:
        if not first:
            _line(token, number)
        first = False
        yield item


def _without_token(names: Any) -> Any:
    if isinstance(names, dict):
        return {name: value for name, value in names.items() if name != TOKEN}
    return [name for name in names if name != TOKEN]


class _Index:
    def __getitem__(self, index: Any) -> Any:
        return index


_HOOKS: Mapping[str, Any] = {
    "line": _line, "expression": _expression, "attribute": _attribute, "apply": _apply,
    "set attribute": _set_attribute, "set item": _set_item, "index": _Index(),
    "delete attribute": _delete_attribute, "delete item": _delete_item,
    "attribute target": _attribute_target, "item target": _ItemTarget,
    "in place": _in_place, "load attribute": _load_attribute,
    "in place attribute": _in_place_attribute, "load item": _load_item,
    "in place item": _in_place_item, "call": _call, "return": _return,
    "return late": _return_late, "leave": _leave, "bind": _bind, "unbind": _unbind,
    "named expression": _named_expression, "mark": _mark, "comprehension": _comprehension,
    "iterate": _iterate, "without token": _without_token,
}  # fmt: skip
for _name, _function in _HOOKS.items():
    setattr(builtins, f"<{_name}>", _function)


# Which functions have twins ----------------------------------------------------------------------


@lru_cache(maxsize=1)
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({str(Path(paths[name]).resolve()) for name in names})


@lru_cache(maxsize=4096)
def _is_library(file: str) -> bool:
    """Whether a file belongs to Python or to an installed package."""
    try:
        path = str(Path(file).resolve())
    except OSError:
        return True
    return file.startswith("<") or path.startswith(_library_folders())


class _Swaps:
    """The functions whose code is swapped while a recording is on."""

    def __init__(self) -> None:
        self.files: dict[str, Twin | None] = {}
        self.known: dict[int, tuple[FunctionType, CodeType, CodeType]] = {}
        self.passed: dict[int, FunctionType] = {}  # looked at, and without a twin
        self.roots: set[str] = set()
        self.reporting: set[int] = set()
        self.swapped: list[tuple[FunctionType, CodeType]] = []
        self.on = False

    def twin_of(self, file: str) -> Twin | None:
        if file not in self.files:
            try:
                self.files[file] = compile_twin(file)
            except (OSError, SyntaxError):
                self.files[file] = None
        return self.files[file]

    def add(self, function: FunctionType) -> bool:
        """Give a function its twin; whether it has one."""
        if id(function) in self.known:
            return True
        code = function.__code__
        if self.passed.get(id(function)) is function:
            return False
        if id(code) in self.reporting:
            return True
        file = code.co_filename
        if file in self.roots or not _is_library(file):
            twin = self.twin_of(file)
            key = (code.co_qualname, code.co_firstlineno)
            if twin is not None and twin.plain.get(key) == code and key in twin.reporting:
                reporting = twin.reporting[key]
                if len(reporting.co_freevars) == len(code.co_freevars):
                    self.known[id(function)] = (function, code, reporting)
                    self._note(reporting)
                    if self.on:
                        self._swap(function, code, reporting)
                    return True
        self.passed[id(function)] = function
        return False

    def _note(self, code: CodeType) -> None:
        self.reporting.add(id(code))
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._note(constant)

    def _swap(self, function: FunctionType, plain: CodeType, reporting: CodeType) -> None:
        function.__code__ = reporting
        self.swapped.append((function, plain))

    def add_everything(self, thing: Any) -> None:
        """Find the functions of an object, its class, and the module and closures they live in."""
        for function in _functions_around(thing):
            self.add(function)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        self.on = True
        try:
            for function, plain, reporting in list(self.known.values()):
                if function.__code__ is plain:
                    self._swap(function, plain, reporting)
            yield
        finally:
            self.on = False
            for function, plain in self.swapped:
                function.__code__ = plain
            self.swapped.clear()

    def restore_made(self, functions: list[FunctionType]) -> None:
        """Functions that a recorded `def` has made go on with plain code."""
        for function in functions:
            code = function.__code__
            if id(code) in self.reporting:
                twin = self.twin_of(code.co_filename)
                plain = twin.plain.get((code.co_qualname, code.co_firstlineno)) if twin else None
                if plain is not None:
                    function.__code__ = plain


_swaps = _Swaps()


def _adopt(function: Any) -> bool:
    """Whether a callable is recorded code; one that is met for the first time gets its twin now."""
    kind = type(function)
    if kind is MethodType:
        function = function.__func__
        kind = type(function)
    if kind is FunctionType:
        return _swaps.add(function)
    if isinstance(function, partial):
        return _adopt(function.func)
    if isinstance(function, type):
        maker = function.__dict__.get("__init__")
        return type(maker) is FunctionType and _swaps.add(maker)
    call = getattr(kind, "__call__", None)
    return type(call) is FunctionType and _swaps.add(call)


def _functions_around(thing: Any) -> Iterator[FunctionType]:
    seen: set[int] = set()
    pending: list[Any] = [thing]
    modules: set[str] = set()
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (staticmethod, classmethod, MethodType)):
            pending.append(item.__func__)
        elif isinstance(item, property):
            pending += [f for f in (item.fget, item.fset, item.fdel) if f is not None]
        elif isinstance(item, FunctionType):
            yield item
            wrapped = getattr(item, "__wrapped__", None)
            pending += [wrapped] if wrapped is not None else []
            for cell in item.__closure__ or ():
                try:
                    pending.append(cell.cell_contents)
                except ValueError:  # an empty cell
                    continue
            modules.add(item.__module__ or "")
        elif isinstance(item, type):
            if item.__module__ not in ("builtins", "numpy"):
                pending += [v for cls in item.__mro__[:-1] for v in vars(cls).values()]
                modules.add(item.__module__)
        elif item is thing or type(item).__name__ == "cached_property":
            pending += [type(item), *_own_values(item), getattr(item, "func", None)]
    for name in modules:
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if module is None or not file or (_is_library(file) and file not in _swaps.roots):
            continue
        for value in list(vars(module).values()):
            if isinstance(value, FunctionType) and value.__code__.co_filename == file:
                yield value
            elif isinstance(value, type) and value.__module__ == name and id(value) not in seen:
                yield from (f for f in _unwrapped(vars(value).values()) if f is not None)


def _unwrapped(values: Iterable[Any]) -> Iterator[FunctionType | None]:
    for value in values:
        if isinstance(value, FunctionType):
            yield value
        elif isinstance(value, (staticmethod, classmethod)):
            yield value.__func__
        elif isinstance(value, property):
            yield from (value.fget, value.fset, value.fdel)  # type: ignore[misc]


def _own_values(thing: Any) -> list[Any]:
    return [v for v in getattr(thing, "__dict__", {}).values() if callable(v)]


class Recorder:
    """Records calls of one function with the objects that take part in it.

    Args:
        function: the outermost function, as a rule `train_step`; it must be Python with a source.
        parts: the objects whose methods it calls: network, layers, loss, optimizer.
        layer_names: the name of each layer.

    What is recorded are those functions, whatever else their modules hold, and whatever Python
    function they call that belongs neither to Python itself nor to an installed package.
    """

    def __init__(
        self, function: FunctionType, parts: Iterable[Any], layer_names: Mapping[str, Any]
    ) -> None:
        self.function = function
        self.parts = list(parts)
        self.layers = dict(layer_names)
        for thing in (function, *self.parts):
            _swaps.roots.update(_files_of(thing))
        with _lock:
            _swaps.add_everything(function)
            for part in self.parts:
                _swaps.add_everything(part)

    def record(self, *args: Any, budget: int = TRACE_BUDGET, window: range = range(0)) -> Trace:
        """Call the function with `args` and return the trace; an exception is its last event.

        Args:
            budget: bytes of arrays that the trace keeps; past it arrays are kept only in outline.
            window: events whose arrays are kept whatever the budget.
        """
        global _active
        names = {id(layer): name for name, layer in self.layers.items()}
        with _lock:
            recording = Recording(names, self.parts, budget, window)
            for part in self.parts:
                recording.history.track(part)
            result, error = None, None
            with _swaps.swapped_in():
                _active = recording
                try:
                    result = self.function(*args)
                except Exception as raised:
                    error = raised
                finally:
                    _active = None
            _swaps.restore_made(recording.made)
        if error is not None:
            _note_exception(recording, error)
        recording.let_go()
        return Trace(
            recording.events, recording.history, recording.reads, self.layers, result, error,
            recording.frames,
            recording.faded_from,
            window,
        )  # fmt: skip


def _files_of(thing: Any) -> Iterator[str]:
    if isinstance(thing, FunctionType):
        yield thing.__code__.co_filename
        return
    for cls in type(thing).__mro__[:-1]:
        for value in _unwrapped(vars(cls).values()):
            if value is not None:
                yield value.__code__.co_filename


def _note_exception(recording: Recording, error: BaseException) -> None:
    """Append the event of an exception: the innermost expression of recorded code that raised it."""
    found: tuple[TracebackType, Token] | None = None
    place: TracebackType | None = error.__traceback__
    token: Token | None = None
    while place is not None:
        frame = place.tb_frame
        own = frame.f_locals.get(TOKEN)
        if isinstance(own, Token) and own.recording is recording:
            token = own
        if id(frame.f_code) in _swaps.reporting and token is not None:
            found = place, token
        place = place.tb_next
    if found is None:
        if not recording.frames:
            return
        outermost = recording.frames[0]
        site = outermost.site
        SITES.append(Site(Kind.EXCEPTION, site.file, site.function, site.span, site.source,
                          site.phase, site.node))  # fmt: skip
        recording.events.append((len(SITES) - 1, outermost, error))
        return
    place, token = found
    code = place.tb_frame.f_code
    twin = _swaps.twin_of(code.co_filename)
    assert twin is not None
    positions = list(code.co_positions())[place.tb_lasti // 2]
    span = twin.span_of(positions)
    SITES.append(
        Site(Kind.EXCEPTION, code.co_filename, token.function, span, twin.text_of(span),
             token.site.phase, token.site.node)
    )  # fmt: skip
    recording.events.append((len(SITES) - 1, token, error))
