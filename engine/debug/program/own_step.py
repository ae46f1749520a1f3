"""A fingerprint of a caller's own step function, to notice that a session is opened with another.

A session file contains no code, so that the caller has to give the step. The fingerprint covers the
step and every function of the caller's own that it reaches. It holds a digest of each source, and
the plain values (numbers, texts) that the code reads and does not set itself, such as the learning
rate in a global or a closure. Values in a dictionary or a list count only if the code does nothing
but read its items: any other use might write to it.
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
from engine.debug.instrument.swaps import files_of
from engine.debug.instrument.twin import compile_twin, key_of
from engine.debug.reach.contents import answer_of, dictionary_of, is_a
from engine.own_code import ENGINE, is_library

_ENGINE = os.path.realpath(ENGINE)
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_TEXT = "sha256 "  # prefix of the digest of a value that contains texts
_LONGEST = 200  # characters of a value, and items of a container, that are noted
_BITS = 600  # of an integer that is noted
_NESTING = 10  # of tuples
_READING = ("get", "items", "keys", "values")  # methods that leave a container as it is
_STORES = ("STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR", "DELETE_GLOBAL", "DELETE_DEREF")


@dataclass(frozen=True, slots=True)
class StepNote:
    """The fingerprint of a step.

    Attributes:
        name, file: of the step.
        functions: by name, the digest of each function that the step reaches, itself included.
        values: by name, the plain values that these functions read. Numbers are written as Python
            writes them. A value that contains texts is a digest, because files are passed on.
    """

    name: str
    file: str
    functions: Mapping[str, str]
    values: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The fingerprint as a JSON object."""
        functions, values = dict(self.functions), dict(self.values)
        return {"name": self.name, "file": self.file, "functions": functions, "values": values}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> StepNote:
        """The fingerprint in a JSON object; raises KeyError, TypeError or AttributeError."""
        functions, values = (
            {str(name): str(text) for name, text in data[part].items()}
            for part in ("functions", "values")
        )
        return StepNote(str(data["name"]), str(data["file"]), functions, values)

    def differences(self, other: StepNote) -> tuple[str, ...]:
        """The differences of another step from this one, in words; empty: it is the same step."""
        if other.name != self.name:
            return (f"it is {other.name}, and not {self.name}",)
        found = []
        for name in {**self.functions, **other.functions}:
            before, now = self.functions.get(name), other.functions.get(name)
            if before != now:
                found.append(f"{name} is {_how(before, now, 'another one')}")
        for name in {**self.values, **other.values}:
            before, now = self.values.get(name), other.values.get(name)
            if before is None and _is_of_later(name, str(now)):
                continue  # an older file has no such values; a new read would change a digest
            if before != now:
                other_text = str(now).startswith(_TEXT) or str(before).startswith(_TEXT)
                words = "another one" if other_text else f"{now}, and was {before}"
                found.append(f"{name} is {_how(before, now, words)}")
        return tuple(found)


def _is_of_later(name: str, text: str) -> bool:
    """Whether first versions did not note this value: an item, or a number of numpy's."""
    return name.endswith("]") or text.startswith("np.")


def _how(before: object, now: object, other: str) -> str:
    return "new" if before is None else "gone" if now is None else other


def note_of(step: Callable[..., Any]) -> StepNote:
    """The fingerprint of a step; to be taken before the step runs."""
    functions: dict[str, str] = {}
    values: dict[str, str] = {}
    reached = list(_reached(step))
    codes = [found for found, _ in reached if isinstance(found, CodeType)]
    stored = {name for code in codes if code.co_name != "__init__" for name in _stored(code)}
    read_only = _only_read(codes)
    for found, owner in reached:
        if isinstance(found, CodeType):
            functions[_free(functions, _name(found))] = _digest(found)
        else:
            for name, value in found.items():
                if name in stored or name.startswith("__"):
                    continue
                for place, item in _items(value) if name in read_only else (("", value),):
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
    """The code of a step and of all the caller's own code that it reaches, and the values it reads.

    Values come as dictionaries, each with the prefix of its names (the owner).
    """
    seen: set[int] = set()
    pending: list[Any] = [step]
    roots = set(files_of(step))  # the caller's own, even if typed or installed
    while pending:
        found = pending.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        if is_a(found, partial):
            pending += [found.func, *found.args, *found.keywords.values()]
            given = {str(number): value for number, value in enumerate(found.args)}
            yield {**given, **found.keywords}, "partial."
        elif is_a(found, (staticmethod, classmethod)):
            pending.append(found.__func__)
        elif is_a(found, property):
            pending += [found.fget, found.fset, found.fdel]
        elif is_a(found, MethodType):
            pending += [found.__func__, found.__self__]
        elif is_a(found, type):
            if _is_own_module(found.__module__):
                pending += vars(found).values()
                yield dict(vars(found)), f"{found.__name__}."
        elif is_a(found, FunctionType):
            if found.__code__.co_filename in roots or _is_own(found.__code__.co_filename):
                yield found.__code__, ""
                read, inner = _read(found, sorted(_names(found.__code__)))
                yield read, ""
                pending += [*read.values(), *inner]
        elif found is step or _is_own_module(type(found).__module__):
            pending.append(type(found))
            yield dict(dictionary_of(found) or {}), f"{type(found).__name__}."


def _read(function: FunctionType, names: list[str]) -> tuple[dict[str, Any], list[Any]]:
    """The values that a function reads by its own names, and the members of its modules."""
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
        except ValueError:  # the cell is still empty
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
    return {name for inner in _codes(code) for name in inner.co_names}


def _stored(code: CodeType) -> set[str]:
    """The names that a function, or a function in it, assigns: they are no settings."""
    return {
        str(instruction.argval)
        for inner in _codes(code)
        for instruction in dis.get_instructions(inner)
        if instruction.opname in _STORES
    }


def _only_read(codes: list[CodeType]) -> set[str]:
    """The names of containers of which the code only ever reads items.

    Attributes count by their name alone, whatever object they belong to.
    """
    read: set[str] = set()
    otherwise: set[str] = set()
    for code in codes:
        for inner in _codes(code):
            instructions = [i for i in dis.get_instructions(inner) if i.opname != "EXTENDED_ARG"]
            for number, loaded in enumerate(instructions):
                if not loaded.opname.startswith("LOAD_") or loaded.opname == "LOAD_CONST":
                    continue
                many = isinstance(loaded.argval, tuple)  # two at once
                names = set(loaded.argval) if many else {loaded.argval}
                then = [*instructions[number + 1 : number + 3], None, None]
                read |= names
                if many or not _reads_item(then[0], then[1]):
                    otherwise |= names
    return read - otherwise


def _reads_item(first: dis.Instruction | None, second: dis.Instruction | None) -> bool:
    """Whether these instructions read an item of the value just loaded, or iterate over it."""
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
    """The items of a dictionary or a list with their places; any other value is its own item."""
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
    """Whether a module is the caller's own; a module without a file is typed or built in."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return _is_own(file) if file else name == "__main__"


def _is_plain(value: Any, depth: int = 0) -> bool:
    if is_a(value, tuple):
        few = len(value) <= _LONGEST and depth < _NESTING
        return few and all(_is_plain(item, depth + 1) for item in value)
    if type(value) is int and value.bit_length() > _BITS:
        return False  # Python may refuse to convert such an integer to text
    if is_a(value, np.generic):
        return type(value).__module__ == "numpy" and value.dtype.kind in "biufc"
    return type(value) in _PLAIN and len(repr(value)) <= _LONGEST


def _said(value: Any) -> str:
    if is_a(value, np.generic):
        return f"np.{value.dtype}({value.item()!r})"
    text = str(answer_of(lambda: repr(value), ""))  # the class of a tuple may be the caller's own
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_TEXT}{digest}" if "'" in text or '"' in text else text


def _digest(code: CodeType) -> str:
    """SHA-256 of a function's source, in hex; without a source, of its bytecode."""
    try:
        twin = compile_twin(code.co_filename, code.co_flags)
        if twin.plain.get(key_of(code)) == code:
            block = inspect.getblock(
                [f"{line}\n" for line in twin.lines[code.co_firstlineno - 1 :]]
            )
            text = "\n".join(line.rstrip() for line in dedent("".join(block)).splitlines())
            return sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()
    except (OSError, *NO_PROGRAM):
        pass  # without a source, the bytecode is digested below
    return f"code {sha256(repr(list(_bytecode(code))).encode('utf-8', 'replace')).hexdigest()}"


def _bytecode(code: CodeType) -> Iterator[object]:
    for inner in _codes(code):
        plain = [constant for constant in inner.co_consts if not isinstance(constant, CodeType)]
        yield inner.co_code, inner.co_names, inner.co_varnames, plain
