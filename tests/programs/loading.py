"""Foreign programs, loaded as a person's file is: each time a module and a folder of its own."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from inspect import signature
from itertools import count
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from tests.programs.rename import Renaming, renaming
from tests.programs.truth import Truth

SOURCES = Path(__file__).parent / "sources"
NAMES = sorted(path.stem for path in SOURCES.glob("*.py"))
LOADED = count()


@cache
def _shelf() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="programs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclass
class Program:
    """A program that was loaded: its module, its step, and what is true of it.

    Attributes:
        renaming: how its identifiers were renamed; texts of `truth` go through `text`.
    """

    name: str
    module: ModuleType
    step: Callable[..., Any]
    truth: Truth
    source: str
    file: Path
    renaming: Renaming | None = None

    def text(self, text: str) -> str:
        """A text of the truth as it reads in this program."""
        return text if self.renaming is None else self.renaming.text(text)

    def path(self, text: str) -> str:
        """A path of the truth as it reads in this program."""
        return text if self.renaming is None else self.renaming.path(text)

    def parameter_name(self, name: str) -> str:
        """The name of a parameter of the truth in this program."""
        return name if self.renaming is None else self.renaming.name(name)

    @property
    def takes_number(self) -> bool:
        """Whether the step takes the number of the batch."""
        return bool(signature(self.step).parameters)

    def run(self, batch: int) -> Any:
        """Run one batch, and return what the step returns."""
        return self.step(batch) if self.takes_number else self.step()

    def loss(self, batch: int) -> float:
        """Run one batch, and return its loss, which a step may keep to itself."""
        if self.truth.returned:
            return float(self.run(batch))
        text, frames, found = self.text(self.truth.loss), list[FrameType](), list[float]()

        def look(frame: FrameType, event: str, _value: Any) -> None:
            if event == "call" and not frames and frame.f_code.co_filename == str(self.file):
                frames.append(frame)  # that of the step is the first
            if event == "return" and frames and frame is frames[0]:
                found.append(float(eval(text, frame.f_globals, frame.f_locals)))

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            self.run(batch)
        finally:
            sys.setprofile(before)
        return found[-1]

    def forget(self) -> None:
        """Take its module and its file away."""
        sys.modules.pop(self.module.__name__, None)
        shutil.rmtree(self.file.parent, ignore_errors=True)

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.forget()


def source_of(name: str) -> str:
    """The program as it is written."""
    return (SOURCES / f"{name}.py").read_text("utf-8")


def truth_of(name: str) -> Truth:
    """What is true of a program."""
    found: Truth = importlib.import_module(f"tests.programs.truths.{name}").TRUTH
    return found


def load(name: str, seed: int | None = None) -> Program:
    """Load a program anew; with a seed, all its identifiers are renamed at random."""
    source, truth = source_of(name), truth_of(name)
    renamed = None if seed is None else renaming(source, seed)
    text = source if renamed is None else renamed.source
    number = next(LOADED)
    file = _shelf() / str(number) / f"{name}_{number}.py"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    module = execute(file)
    step: Any = module
    for part in (truth.step if renamed is None else renamed.text(truth.step)).split("."):
        step = getattr(step, part)
    return Program(name, module, step, truth, text, file, renamed)


def execute(file: Path) -> ModuleType:
    """Import a file as the module of its name."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the global random generators, of which some programs draw, as they were."""
    numbers, plain = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(numbers)
        random.setstate(plain)


def losses_of(name: str, batches: int, seed: int | None = None) -> list[float]:
    """What a bare loop gives."""
    with undisturbed(), load(name, seed) as program:
        return [program.loss(batch) for batch in range(batches)]
