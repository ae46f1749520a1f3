"""Every panel alone, in each of its forms: something is drawn, and nothing warns."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QImage

from engine.debug.events import Kind
from gui.gallery.__main__ import main
from gui.gallery.forms import FORMS, moment
from gui.gallery.stage import Stage, panels
from gui.look.theme import DARK, LIGHT


def colours(image: QImage) -> int:
    """How many different colours there are."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.unique(np.frombuffer(image.constBits(), np.uint32)).size


@pytest.mark.slow
@pytest.mark.parametrize("view", sorted(panels()))
@pytest.mark.parametrize("form", FORMS)
def test_a_panel_is_drawn_in_each_form(qtbot, view, form):
    theme = (DARK, LIGHT)[(list(FORMS).index(form) + sorted(panels()).index(view)) % 2]
    stage = Stage(view, theme)
    qtbot.addWidget(stage)
    stage.show_form(form)
    # Before there is a session some panels have a title, and nothing below it.
    seen = stage if form == "empty" else stage.view
    assert colours(seen.grab().toImage()) > 1
    stage.leave()


def test_every_panel_of_the_window_is_in_the_gallery(window):
    assert set(panels()) == set(window.docks)


def test_the_moments_are_what_they_are_named_after():
    assert moment("empty").snapshots == ()
    assert moment("first").snapshots[-1].position == (0, 0)
    assert moment("epoch").snapshots[-1].history.test_batches.size > 0
    assert len(moment("deep").snapshots[-1].layers) > 10
    assert moment("raised").snapshots[-1].event.kind is Kind.EXCEPTION
    assert moment("budget").snapshots[-1].event_count == moment("first").snapshots[-1].event_count
    assert len(moment("marked").snapshots[-1].breakpoints) == 4
    assert moment("compared").comparison is not None


def test_a_picture_is_saved_in_the_size_that_was_asked_for(qtbot, tmp_path, capsys):
    path = tmp_path / "cache.png"
    asked = ["cache", "--form", "backward", "--theme", "light", "--size", "300x200"]
    assert main([*asked, "--out", str(path)]) == 0
    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (300, 200)
    assert picture.pixelColor(150, 190).lightness() > 200
    assert str(path) in capsys.readouterr().out


def test_a_picture_that_cannot_be_written_is_said(qtbot, tmp_path, capsys):
    path = tmp_path / "no" / "such" / "folder.png"
    assert main(["log", "--out", str(path)]) == 1
    assert str(path) in capsys.readouterr().err


def test_a_panel_that_is_not_there_is_refused_with_those_that_are():
    done = subprocess.run(
        [sys.executable, "-m", "gui.gallery", "losses"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "timeline" in done.stderr
