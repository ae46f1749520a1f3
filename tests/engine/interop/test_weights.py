from __future__ import annotations

import errno
import os
import pickle
import resource
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.errors import WeightsNotWritten
from engine.interop import SavedArray, check_target, save_npz
from engine.presets import PRESETS

names = st.from_regex(r"[A-Za-z_]\w{0,8}(\.[A-Za-z_]\w{0,8}){0,2}", fullmatch=True)
arrays = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0))
)


def weights() -> dict[str, np.ndarray]:
    return {"Affine1.W": np.ones((784, 50), np.float32), "Affine1.b": np.zeros(50, np.float32)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parameters=st.dictionaries(names, arrays, max_size=4), fortran=st.booleans())
def test_numpy_reads_back_every_bit_without_pickles(tmp_path, parameters, fortran):
    if fortran:
        parameters = {name: np.asfortranarray(array) for name, array in parameters.items()}
    saved = save_npz(tmp_path / "weights.npz", parameters)
    with np.load(saved.path, allow_pickle=False) as read:
        assert read.files == list(parameters)
        for name, array in parameters.items():
            assert read[name].dtype == array.dtype
            assert read[name].shape == array.shape
            assert read[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("name", ["file", "args", "kwds", "allow_pickle", "self.W", "权重.W"])
def test_a_parameter_may_be_called_anything(tmp_path, name):
    saved = save_npz(tmp_path / "weights.npz", {name: np.arange(3.0)})
    with np.load(saved.path, allow_pickle=False) as read:
        np.testing.assert_array_equal(read[name], np.arange(3.0))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_it_says_what_was_written(tmp_path, preset):
    parameters = preset.build(seed=1).parameters()
    saved = save_npz(tmp_path / "weights.npz", parameters)
    assert saved.path == tmp_path / "weights.npz"
    assert saved.nbytes == saved.path.stat().st_size
    assert saved.arrays == tuple(
        SavedArray(name, array.shape, "float32") for name, array in parameters.items()
    )


def test_the_same_weights_make_the_same_file(tmp_path):
    first = save_npz(tmp_path / "first.npz", weights()).path.read_bytes()
    assert save_npz(tmp_path / "second.npz", weights()).path.read_bytes() == first


def test_the_name_is_the_one_that_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert save_npz("weights", weights()).path == tmp_path / "weights"
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


def test_objects_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(TypeError, match=r"Affine1\.W holds Python objects"):
        save_npz(tmp_path / "weights.npz", {"Affine1.W": np.array([{}], dtype=object)})
    assert not list(tmp_path.iterdir())


def fail_at_sync(monkeypatch):
    def fsync(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


def fail_at_rename(monkeypatch):
    def replace(self, target):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize(
    ("fail", "reason"),
    [(fail_at_sync, "No space left on device"), (fail_at_rename, "Permission denied")],
)
@pytest.mark.parametrize("old", [b"the weights of yesterday", None])
def test_a_failure_leaves_all_as_it_was(tmp_path, monkeypatch, fail, reason, old):
    path = tmp_path / "weights.npz"
    if old is not None:
        path.write_bytes(old)
    fail(monkeypatch)
    with pytest.raises(WeightsNotWritten) as caught:
        save_npz(path, weights())
    assert (caught.value.path, caught.value.reason) == (path, reason)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([] if old is None else [old])


def test_a_write_that_the_system_cuts_short_leaves_all_as_it_was(tmp_path):
    """A limit on the size of files stands in for a full disk: the write itself fails half-way."""
    path = tmp_path / "weights.npz"
    path.write_bytes(b"the weights of yesterday")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(WeightsNotWritten, match="File too large"):
            save_npz(path, weights())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"the weights of yesterday"]


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def fsync(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(KeyboardInterrupt):
        save_npz(tmp_path / "weights.npz", weights())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("missing/weights.npz", "missing does not exist"),
        ("folder", "it is a folder"),
        ("pipe", "it is a device or a pipe"),
        ("file/weights.npz", "file does not exist"),
        ("null\0", "null"),
        ("x" * 300, "too long"),
    ],
)
@pytest.mark.parametrize("attempt", [check_target, lambda path: save_npz(path, weights())])
def test_a_place_that_cannot_be_is_refused(tmp_path, where, reason, attempt):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    before = set(tmp_path.iterdir())
    with pytest.raises(WeightsNotWritten, match=reason):
        attempt(tmp_path / where)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("protected", ["weights.npz", "."])
def test_write_protection_is_respected(tmp_path, monkeypatch, protected):
    """The answer is the system's for anyone but root, whom it lets write anywhere."""
    path = tmp_path / "weights.npz"
    if protected == path.name:
        path.write_bytes(b"mine")
    monkeypatch.setattr(os, "access", lambda asked, mode: asked != tmp_path / protected)
    with pytest.raises(WeightsNotWritten, match="write-protected"):
        save_npz(path, weights())
    monkeypatch.undo()
    save_npz(path, weights())


def test_permissions_are_those_of_the_old_file_or_of_any_new_one(tmp_path):
    path = tmp_path / "weights.npz"
    save_npz(path, weights())
    (tmp_path / "other").touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)
    path.chmod(0o640)
    save_npz(path, weights())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "weights.npz"
    link.symlink_to(tmp_path / "elsewhere" / "real.npz")
    saved = save_npz(link, weights())
    assert saved.path == link
    assert link.is_symlink()
    with np.load(tmp_path / "elsewhere" / "real.npz") as read:
        assert read.files == ["Affine1.W", "Affine1.b"]


def test_the_error_survives_a_process_border():
    error = WeightsNotWritten(Path("weights.npz"), "No space left on device")
    again = pickle.loads(pickle.dumps(error))
    assert (again.path, again.reason, str(again)) == (error.path, error.reason, str(error))
