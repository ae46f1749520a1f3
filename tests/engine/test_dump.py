"""`python -m engine.dump`: the trace of a minibatch, on the screen or in a file."""

from __future__ import annotations

import numpy as np
import pytest

from engine.dump import DONE, REFUSED, document, main
from engine.exact_json import loads
from engine.options import Options, build_session

TINY = Options(network="16-4-3")


def test_text_has_a_row_for_each_event(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["--network", "16-4-3"]) == DONE
    shown = capsys.readouterr().out
    session = build_session(TINY)
    assert shown.splitlines()[-1].split()[0] == str(len(session.trace) - 1)
    assert "x @ self.W" in shown


def test_json_holds_what_the_trace_holds(tmp_path, capsys):
    written = tmp_path / "trace.json"
    assert main(["--network", "16-4-3", "--batch", "2", "--json", str(written), "--cells"]) == DONE
    session = build_session(TINY)
    session.run(2)
    found = loads(written.read_text())
    assert found == document(session, cells=True)
    assert found["batch"] == 2 and found["samples"] == session.samples().tolist()
    products = [row for row in found["events"] if row["source"] == "x @ self.W"]
    assert [row["layer"] for row in products] == ["Affine1", "Affine2"]
    for row in products:
        event = session.trace[row["event"]]
        assert row["line"] == event.line and row["value"]["shape"] == list(event.value.shape)
        assert np.array_equal(np.array(row["value"]["cells"], np.float32), event.value)
        assert row["value"]["max"] == event.value.max()
    assert capsys.readouterr().out == ""


def test_json_on_the_screen_leaves_the_cells_out(capsys):
    assert main(["--network", "16-4-3", "--json", "-"]) == DONE
    rows = loads(capsys.readouterr().out)["events"]
    assert {row["kind"] for row in rows} == {"line", "expression", "call", "return"}
    assert not any("cells" in row["value"] for row in rows if isinstance(row["value"], dict))


def test_a_session_that_was_saved_is_dumped_where_it_stands(tmp_path, capsys):
    session = build_session(TINY)
    session.run(3)
    session.save(tmp_path / "a.retrograd")
    assert main(["--open", str(tmp_path / "a.retrograd"), "--json", "-"]) == DONE
    assert loads(capsys.readouterr().out) == document(session)


@pytest.mark.parametrize(
    "arguments", [["--open", "nowhere.retrograd"], ["--network", "1-2"], ["--batch", "-1"]]
)
def test_what_cannot_be_dumped_is_refused_in_a_sentence(arguments, capsys):
    assert main(arguments) == REFUSED
    told = capsys.readouterr()
    assert told.out == "" and told.err.strip() and "Traceback" not in told.err
