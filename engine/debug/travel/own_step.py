"""By what one can tell that a step is the one by which a session was trained.

A file names no code and brings none along: whoever opens it gives the step. What is noted of it,
and of every function of somebody's own that it reaches, is a digest of the source, and the plain
values (numbers, texts) that it is made with and that it does not itself set: the learning rate in
a global or in a closure. A dictionary or a list of them counts as well, where the code does nothing
but ask it for items: in any other use it may be written to.
"""

from __future__ import annotations

import dis
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from engine.debug.breakpoints.lines import NO_PROGRAM
from engine.debug.instrument.swaps import files_of, is_library
from engine.debug.instrument.twin import compile_twin, key_of
from engine.debug.memory.contents import answer_of, dictionary_of, is_a
from engine.own_code import ENGINE

_ENGINE = os.path.realpath(ENGINE)
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_TEXT = "sha256 "  # before the digest of what has texts in it
_LONGEST = 200  # characters of a value that is noted
_BITS = 600  # of an integer that is noted
_NESTING = 10  # of tuples
_READING = ("get", "items", "keys", "values")  # methods that leave a container as it is
_STORES = ("STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR", "DELETE_GLOBAL", "DELETE_DEREF")


@dataclass(frozen=True, slots=True)
class StepNote:
    """What is known of a step.

    Attributes:
        name, file: of the step.
        functions: the digest of each function that it reaches, itself included, by name.
        values: what the plain values are that they read, by name: numbers as Python writes them,
            of what has texts in it a digest, since a file may be handed on.
    """

    name: str
    file: str
    functions: Mapping[str, str]
    values: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """As JSON's dictionary."""
        functions, values = dict(self.functions), dict(self.values)
        return {"name": self.name, "file": self.file, "functions": functions, "values": values}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> StepNote:
        """What a dictionary says; raises KeyError, TypeError or AttributeError if it is none."""
        functions, values = (
            {str(name): str(text) for name, text in data[part].items()}
            for part in ("functions", "values")
        )
        return StepNote(str(data["name"]), str(data["file"]), functions, values)

    def differences(self, other: StepNote) -> tuple[str, ...]:
        """What another one has other than this, in words; none: it is the same step."""
        if other.name != self.name:
            return (f"it is {other.name}, and not {self.name}",)
        found = []
        for name in {**self.functions, **other.functions}:
            before, now = self.functions.get(name), other.functions.get(name)
            if before != now:
                found.append(f"{name} is {_how(before, now, 'another one')}")
        for name in {**self.values, **other.values}:
            then, here = self.values.get(name), other.values.get(name)
            if then is None and _is_of_later(name, str(here)):
                continue  # the file may be older; reading another one takes another source
            if then != here:
                other_text = str(here).startswith(_TEXT) or str(then).startswith(_TEXT)
                words = "another one" if other_text else f"{here}, and was {then}"
                found.append(f"{name} is {_how(then, here, words)}")
        return tuple(found)


def _is_of_later(name: str, text: str) -> bool:
    """Whether a value is of a kind that was not noted at first: an item, or a number of numpy's."""
    return name.endswith("]") or text.startswith("np.")


def _how(before: object, now: object, other: str) -> str:
    return "new" if before is None else "gone" if now is None else other


def note_of(step: Callable[..., Any]) -> StepNote:
    """What is known of a step now; to be asked before it has run."""
    functions: dict[str, str] = {}
    values: dict[str, str] = {}
    reached = list(_reached(step))
    codes = [one for one, _ in reached if isinstance(one, CodeType)]
    stored = {name for one in codes if one.co_name != "__init__" for name in _stored(one)}
    asked = _asked_for_items(codes)
    for one, owner in reached:
        if isinstance(one, CodeType):
            functions[_free(functions, _name(one))] = _digest(one)
        else:
            for name, value in one.items():
                if name in stored or name.startswith("__"):
                    continue
                for place, item in _items(value) if name in asked else (("", value),):
                    full, text = f"{owner}{name}{place}", _said(item) if _is_plain(item) else None
                    if text is not None and values.get(full) != text:
                        values[_free(values, full)] = text
    name = _name(codes[0]) if codes else type(step).__name__
    return StepNote(name, Path(codes[0].co_filename).name if codes else "", functions, values)


def _free(taken: Mapping[str, str], name: str) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _name(code: CodeType) -> str:
    return code.co_qualname.rpartition("<locals>.")[2]


def _reached(step: Any) -> Iterator[tuple[CodeType | dict[str, Any], str]]:
    """The code of a step and of all of somebody's own that it reaches, and what that is made with.

    Values come as dictionaries, with the owner that goes before their names.
    """
    seen: set[int] = set()
    pending: list[Any] = [step]
    roots = set(files_of(step))  # somebody's own, even if it was typed or is installed
    while pending:
        thing = pending.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if is_a(thing, partial):
            pending += [thing.func, *thing.args, *thing.keywords.values()]
            given = {str(number): value for number, value in enumerate(thing.args)}
            yield {**given, **thing.keywords}, "partial."
        elif is_a(thing, (staticmethod, classmethod)):
            pending.append(thing.__func__)
        elif is_a(thing, property):
            pending += [thing.fget, thing.fset, thing.fdel]
        elif is_a(thing, MethodType):
            pending += [thing.__func__, thing.__self__]
        elif is_a(thing, type):
            if _is_own_module(thing.__module__):
                pending += vars(thing).values()
                yield dict(vars(thing)), f"{thing.__name__}."
        elif is_a(thing, FunctionType):
            if thing.__code__.co_filename in roots or _is_own(thing.__code__.co_filename):
                yield thing.__code__, ""
                read, inner = _read(thing, sorted(_names(thing.__code__)))
                yield read, ""
                pending += [*read.values(), *inner]
        elif thing is step or _is_own_module(type(thing).__module__):
            pending.append(type(thing))
            yield dict(dictionary_of(thing) or {}), f"{type(thing).__name__}."


def _read(function: FunctionType, names: list[str]) -> tuple[dict[str, Any], list[Any]]:
    """The values that a function reads by a name of its own, and the members of its modules."""
    found: dict[str, Any] = {}
    code, defaults = function.__code__, function.__defaults__ or ()
    with_defaults = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    found.update(zip(with_defaults, defaults, strict=True))
    found.update(function.__kwdefaults__ or {})
    for name in names:
        if name in function.__globals__ and not name.startswith("__"):
            found[name] = function.__globals__[name]
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue
    modules = [
        value
        for value in found.values()
        if is_a(value, ModuleType) and _is_own_module(value.__name__)
    ]
    members = {
        name: getattr(module, name) for module in modules for name in names if name in vars(module)
    }
    found.update({name: value for name, value in members.items() if _is_plain(value)})
    return found, list(members.values())


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _names(code: CodeType) -> set[str]:
    return {name for one in _codes(code) for name in one.co_names}


def _stored(code: CodeType) -> set[str]:
    """The names that a function, or one in it, gives another value: they are no settings."""
    return {
        str(instruction.argval)
        for one in _codes(code)
        for instruction in dis.get_instructions(one)
        if instruction.opname in _STORES
    }


def _asked_for_items(codes: list[CodeType]) -> set[str]:
    """The names whose values a step, wherever it reads them, does nothing with but ask for items.

    What is done with an attribute counts, whoever's it is.
    """
    asked: set[str] = set()
    otherwise: set[str] = set()
    for code in codes:
        for one in _codes(code):
            instructions = [i for i in dis.get_instructions(one) if i.opname != "EXTENDED_ARG"]
            for number, loaded in enumerate(instructions):
                if not loaded.opname.startswith("LOAD_") or loaded.opname == "LOAD_CONST":
                    continue
                many = isinstance(loaded.argval, tuple)  # two at once
                names = set(loaded.argval) if many else {loaded.argval}
                then = [*instructions[number + 1 : number + 3], None, None]
                asked |= names
                if many or not _is_asked(then[0], then[1]):
                    otherwise |= names
    return asked - otherwise


def _is_asked(first: dis.Instruction | None, second: dis.Instruction | None) -> bool:
    """Whether what was just loaded is asked for an item, or gone through, by these instructions."""
    if first is None:
        return False
    if first.opname in ("GET_ITER", "LOAD_METHOD", "LOAD_ATTR"):
        return first.opname == "GET_ITER" or first.argval in _READING
    is_item = second is not None and (
        second.opname == "BINARY_SUBSCR"
        or (second.opname == "BINARY_OP" and second.argrepr == "[]")  # since Python 3.14
    )
    return is_item and first.opname.startswith("LOAD_")


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """The places in a dictionary or a list, with what is there; any other value is one itself."""
    if type(value) is dict and len(value) <= _LONGEST:
        for key, item in value.items():
            if type(key) in (str, int) and _is_plain(key):
                yield f"[{key!r}]", item
    elif type(value) is list and len(value) <= _LONGEST:
        for number, item in enumerate(value):
            yield f"[{number}]", item
    else:
        yield "", value


def _is_own(file: str) -> bool:
    return not is_library(file) and not file.startswith(_ENGINE)


def _is_own_module(name: str) -> bool:
    """Whether a module is somebody's own; one without a file is what is typed, or built in."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return _is_own(file) if file else name == "__main__"


def _is_plain(value: Any, depth: int = 0) -> bool:
    if is_a(value, tuple):
        few = len(value) <= _LONGEST and depth < _NESTING
        return few and all(_is_plain(item, depth + 1) for item in value)
    if type(value) is int and value.bit_length() > _BITS:
        return False  # Python may refuse to write it
    if is_a(value, np.generic):
        return type(value).__module__ == "numpy" and value.dtype.kind in "biufc"
    return type(value) in _PLAIN and len(repr(value)) <= _LONGEST


def _said(value: Any) -> str:
    if is_a(value, np.generic):
        return f"np.{value.dtype}({value.item()!r})"
    text = str(answer_of(lambda: repr(value), ""))  # a tuple may be of a class of somebody's own
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_TEXT}{digest}" if "'" in text or '"' in text else text


def _digest(code: CodeType) -> str:
    """SHA-256 of a function's source, in hex; where that is not known, of what it compiled to."""
    try:
        twin = compile_twin(code.co_filename)
        if twin.plain.get(key_of(code)) == code:
            block = inspect.getblock(
                [f"{line}\n" for line in twin.lines[code.co_firstlineno - 1 :]]
            )
            text = "\n".join(line.rstrip() for line in dedent("".join(block)).splitlines())
            return sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()
    except (OSError, *NO_PROGRAM):
        pass  # there is no source: the code itself is what is left
    return f"code {sha256(repr(list(_bytecode(code))).encode('utf-8', 'replace')).hexdigest()}"


def _bytecode(code: CodeType) -> Iterator[object]:
    for one in _codes(code):
        plain = [constant for constant in one.co_consts if not isinstance(constant, CodeType)]
        yield one.co_code, one.co_names, one.co_varnames, plain
