"""The choosers: network, data, dtype, weights, optimizer, seed, batch size, learning rate.

They show the session's setup and emit the change that a person requests. The window confirms and
makes the change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from engine.debug.snapshots.snapshot import Setup
from engine.nn.optimizers import OPTIMIZERS
from engine.options import DTYPES, WEIGHT_INITS, Options
from engine.presets import PRESETS
from gui.dialogs.files import ask_folder
from gui.dialogs.numbers import AllowedNumber, NumberDialog
from gui.look.theme import Theme
from gui.paint.values import network_text
from gui.window.toolbar.parts import Pill
from gui.window.toolbar.setting_changes import weight_init_name, weight_init_of

BATCH_SIZES = (1, 6, 10, 32, 50, 100, 200, 500)
BOOKS_DEVIATION = 0.01  # of the initial weights in Deep Learning from Scratch
BUNDLED = {"mnist": "MNIST", "drawn_digits": "digits of 4 × 4"}
LEARNING_RATES = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class Choosers(QObject):
    """The pills and their menus.

    Signals:
        chosen: the field of the options, and its new value.
    """

    chosen = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = parent
        self._groups: dict[str, QActionGroup] = {}
        self._setup: Setup | None = None
        self._options: Options | None = None
        self._wide = False
        self.network_menu = self._menu(self.tr("Network"))
        self._fill_network(self.network_menu)
        self.weights_menu = self._menu(self.tr("Initial weights"))
        inits = (*WEIGHT_INITS, BOOKS_DEVIATION)
        self._add_choices(self.weights_menu, "weight_init", inits, self._weights_label)
        self.optimizer_menu = self._menu(self.tr("Optimizer"))
        self._add_choices(self.optimizer_menu, "optimizer", tuple(OPTIMIZERS), str)
        self.optimizer_menu.addSeparator()
        self.optimizer_menu.addAction(self.tr("Seed…"), self._ask_seed)
        self.batch_menu = self._menu(self.tr("Batch size"))
        self._add_choices(self.batch_menu, "batch_size", BATCH_SIZES, str)
        self.batch_menu.addAction(self.tr("Other…"), self._ask_batch_size)
        self.rate_menu = self._menu(self.tr("Learning rate"))
        self._add_choices(self.rate_menu, "learning_rate", LEARNING_RATES, _number)
        self.rate_menu.addAction(self.tr("Other…"), self._ask_learning_rate)
        self.network = Pill("network_chooser", self.network_menu)
        self.optimizer = Pill("optimizer_chooser", self.optimizer_menu)
        self.batch_size = Pill("batch_size_chooser", self.batch_menu)
        self.learning_rate = Pill("learning_rate_chooser", self.rate_menu)
        self.pills = (self.network, self.optimizer, self.batch_size, self.learning_rate)
        self._show()

    @property
    def menus(self) -> tuple[QMenu, ...]:
        """The same menus, for the menu bar."""
        return (
            self.network_menu, self.weights_menu, self.optimizer_menu, self.batch_menu,
            self.rate_menu,
        )  # fmt: skip

    def show_setup(self, setup: Setup, options: Options | None = None) -> None:
        """Show the setup of the session.

        `options`: the session's options, which have fields that the setup lacks.
        """
        if (setup, options) != (self._setup, self._options):
            self._setup, self._options = setup, options
            self._show()

    def set_wide(self, wide: bool) -> None:
        """Show more if there is room."""
        if wide != self._wide:
            self._wide = wide
            self._show()

    def set_enabled(self, enabled: bool) -> None:
        """Enable the choosers; without a session nothing can be chosen."""
        for pill in self.pills:
            pill.setEnabled(enabled)
        for menu in self.menus:
            menu.setEnabled(enabled)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme for the pills and for new dialogs."""
        self._theme = theme

    @property
    def _is_program(self) -> bool:
        """Whether the session has no network of ours, whose settings could be chosen."""
        return self._setup is not None and not self._setup.optimizer

    def _menu(self, title: str) -> QMenu:
        return QMenu(title, self._window)

    def _fill_network(self, menu: QMenu) -> None:
        labels = {
            preset.id: f"{network_text(preset.id)}   {preset.label}" for preset in PRESETS.values()
        }
        self._add_choices(menu, "network", tuple(labels), lambda id: labels[id])
        between = menu.addSeparator()
        self._add_choices(menu, "dtype", DTYPES, str)
        after = menu.addSeparator()
        group = QActionGroup(self)
        self._bundled = QAction(self.tr("Bundled data"), group, checkable=True)
        self._bundled.setObjectName("dataset=bundled")
        self._bundled.triggered.connect(lambda: self._choose("dataset", None))
        self._folder = QAction(self.tr("Data from a folder…"), group, checkable=True)
        self._folder.setObjectName("dataset=folder")
        self._folder.triggered.connect(self._ask_folder)
        menu.addActions(group.actions())
        dtypes = self._groups["dtype"].actions()
        self._of_networks = (between, *dtypes, after, *group.actions())

    def _add_choices(
        self, menu: QMenu, field: str, values: Sequence[Any], label: Callable[[Any], str]
    ) -> None:
        group = self._groups[field] = QActionGroup(self)
        for value in values:
            action = QAction(label(value), self)
            action.setObjectName(f"{field}={value}")
            action.setCheckable(True)
            action.setData(value)
            action.triggered.connect(lambda _=False, value=value: self._choose(field, value))
            group.addAction(action)
            menu.addAction(action)

    def _choose(self, field: str, value: object) -> None:
        self._check()  # the menu shows the current value until the change is made
        if self._setup is not None and (self._is_program or self._value(field) != value):
            self.chosen.emit(field, value)

    def _value(self, field: str) -> object:
        """The current value of a field; if it is not known, a value that cannot be chosen."""
        if field == "dataset":
            return self._options.dataset if self._options is not None else ""
        if field == "weight_init":
            return weight_init_of(self._options) if self._options is not None else ""
        return getattr(self._setup, field)

    def _check(self) -> None:
        if self._setup is None:
            return
        for field, group in self._groups.items():
            for action in group.actions():
                action.setChecked(action.data() == self._value(field))
        options = self._options
        folder = options.dataset if options is not None else None
        bundled = BUNDLED[options.preset.dataset] if options is not None else "MNIST"
        self._bundled.setText(self.tr("Bundled data: {0}").format(bundled))
        self._folder.setText(
            self.tr("Data from a folder…")
            if folder is None
            else self.tr("Data from the folder “{0}”…").format(folder.name)
        )
        group = self._bundled.actionGroup()
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)  # none may be ticked
        self._bundled.setChecked(options is not None and folder is None)
        self._folder.setChecked(folder is not None)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.Exclusive)

    def _show(self) -> None:
        setup = self._setup
        self.set_enabled(setup is not None)
        self.optimizer.setVisible(self._wide)
        self._show_fitting(setup)
        if setup is None:
            return
        self._check()
        if self._is_program:
            self._say_program(setup)
            return
        network = network_text(setup.network)
        whole = f"{setup.dataset} {network} {setup.dtype}"
        self.network.say(
            whole if self._wide else network,
            self.tr("Network and data: {0}").format(whole),
            network,
        )
        seeded = self.tr("{0} seed {1}").format(setup.optimizer, setup.seed)
        self.optimizer.say(seeded, self.tr("Optimizer: {0}").format(seeded))
        batch = self.tr("batch {0}").format(setup.batch_size)
        said = self.tr("Batch size: {0} samples").format(setup.batch_size)
        self.batch_size.say(batch, said, str(setup.batch_size))
        self._say_rate(setup)

    def _show_fitting(self, setup: Setup | None) -> None:
        """Show the choosers that make sense, and hide the others with their menus and entries."""
        is_network = setup is not None and not self._is_program
        rated = setup is not None and setup.learning_rate is not None
        shown = {
            self.network: setup is not None,
            self.optimizer: is_network and self._wide,
            self.batch_size: is_network,
            self.learning_rate: rated,
        }
        for pill in self.pills:
            pill.setVisible(shown[pill])
        for menu in (self.weights_menu, self.optimizer_menu, self.batch_menu):
            menu.menuAction().setVisible(not self._is_program)
        self.rate_menu.menuAction().setVisible(rated or setup is None)
        for action in self._of_networks:
            action.setVisible(not self._is_program)

    def _say_program(self, setup: Setup) -> None:
        """Show the name of a program, and its learning rate if that is known."""
        self.network.say(setup.network, self.tr("Program: {0}").format(setup.network))
        self._say_rate(setup)

    def _say_rate(self, setup: Setup) -> None:
        if setup.learning_rate is None:
            return
        rate = _number(setup.learning_rate)
        self.learning_rate.say(
            self.tr("lr {0}").format(rate), self.tr("Learning rate: {0}").format(rate), rate
        )

    def _ask_seed(self) -> None:
        assert self._setup is not None
        self._ask(self.tr("Seed"), "seed", AllowedNumber(self.tr("seed"), 0), self._setup.seed)

    def _ask_batch_size(self) -> None:
        assert self._setup is not None
        allowed = AllowedNumber(self.tr("batch size"), 1)
        self._ask(self.tr("Batch size"), "batch_size", allowed, self._setup.batch_size)

    def _ask_learning_rate(self) -> None:
        assert self._setup is not None
        allowed = AllowedNumber(self.tr("learning rate"), 0, whole=False)
        rate = self._setup.learning_rate or 0.1
        self._ask(self.tr("Learning rate"), "learning_rate", allowed, rate)

    def _ask(self, title: str, field: str, allowed: AllowedNumber, value: float) -> None:
        def choose(value: float) -> None:
            self._choose(field, value)

        NumberDialog(title, allowed, value, choose, self._theme, self._window).open()

    def _weights_label(self, value: str | float) -> str:
        rule = {
            "xavier": self.tr("σ = √(1 / inputs)"),
            "he": self.tr("σ = √(2 / inputs)"),
            BOOKS_DEVIATION: self.tr("as in the book"),
        }[value]
        return f"{weight_init_name(value)}   {rule}"

    def _ask_folder(self) -> None:
        self._check()
        title = self.tr("A folder with IDX files, named like MNIST's")
        ask_folder(self._window, title, lambda folder: self.chosen.emit("dataset", folder))


def _number(value: float) -> str:
    return f"{value:g}"
