"""Only ordinary files of a bounded size are read, and a killed write leaves nothing for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import FileNotRead
from engine.files import open_regular, read_regular, write_whole

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes or locks here")


def test_a_file_of_just_the_size_is_read_and_a_larger_one_is_not(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(FileNotRead, match="5 bytes, where at most 4"):
        read_regular(path, 4)


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(FileNotRead, match=r"1,099,511,627,776 bytes"):
        read_regular(path, 2**30)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "grows"
    path.write_bytes(b"1")
    real = os.fstat

    def grow(handle):
        status = real(handle)
        with path.open("ab") as file:
            file.write(b"x" * 10)
        return status

    monkeypatch.setattr(os, "fstat", grow)
    with pytest.raises(FileNotRead, match="at most 5"):
        read_regular(path, 5)


@POSIX
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: os.mkfifo(path), "a device or a pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "a device or a pipe"),
        (lambda path: (os.mkfifo(f"{path}1"), path.symlink_to(f"{path}1")), "a device or a pipe"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to(path), "symbolic links"),
        (lambda path: None, "No such file"),
    ],
)
def test_what_is_no_file_is_refused_and_nothing_waits(tmp_path, make, reason):
    path = tmp_path / "a"
    make(path)
    with pytest.raises(FileNotRead, match=reason) as caught:
        read_regular(path, 100)
    assert caught.value.path == path


@POSIX
def test_a_name_that_becomes_a_pipe_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"x")
    real = os.open

    def changed(name, *args, **kwargs):
        os.unlink(path)
        os.mkfifo(path)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(os, "open", changed)
    with pytest.raises(FileNotRead, match="a device or a pipe"):
        read_regular(path, 100)


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="no /proc here")
@pytest.mark.parametrize("name", ["/proc/self/environ", "/proc/kmsg", "/proc/self/mounts"])
def test_a_file_of_the_system_that_says_it_is_empty_is_not_read(name):
    with open_regular(name, 10) as file:
        assert file.read() == b""


def test_a_path_that_cannot_be_is_refused():
    for path in ("a\0b", "\ud800"):
        with pytest.raises(FileNotRead):
            read_regular(path, 10)


WRITER = """
import os, signal, sys
from engine.files import write_whole
def stop(handle):
    print("writing", flush=True)
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.readline()
os.fsync = stop
print(write_whole(sys.argv[1], b"from a process", ), flush=True)
"""


def writer(path: Path, how: str) -> subprocess.Popen[str]:
    """A process that has written its file beside the place, and is killed there or waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), how],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


@pytest.mark.slow
@POSIX
def test_what_a_killed_write_has_left_goes_with_the_next_one(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"before")
    for _ in range(2):  # the second takes away what the first has left
        with writer(path, "killed") as process:
            assert process.wait() == -signal.SIGKILL
        assert path.read_bytes() == b"before" and len(list(tmp_path.iterdir())) == 2
    write_whole(tmp_path / "another", b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "another"]
    assert path.read_bytes() == b"before"


@POSIX
def test_what_a_living_process_is_writing_stays(tmp_path):
    path = tmp_path / "a"
    with writer(path, "waits") as process:
        write_whole(tmp_path / "another", b"x")
        assert len(list(tmp_path.iterdir())) == 2
        assert process.communicate("\n\n\n")[0].endswith(f"{path}\n")
    assert path.read_bytes() == b"from a process"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "another"]


@POSIX
def test_what_is_not_ours_stays(tmp_path):
    token = "0123456789abcdef"
    names = [".retrograd-notes.new", f".retrograd-{token}.part", f"x.retrograd-{token}.new"]
    for name in names:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / f".retrograd-{token}.new").mkdir()
    os.mkfifo(tmp_path / f".retrograd-{token[::-1]}.new")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    (tmp_path / f".retrograd-{'a' * 16}.new").symlink_to(elsewhere)
    before = sorted(one.name for one in tmp_path.iterdir())
    write_whole(tmp_path / "another", b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([*before, "another"])


@POSIX
def test_a_file_taken_for_left_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    """Another process may look between the making of a file and its lock."""
    import fcntl

    real, seen = fcntl.flock, []

    def first_gone(handle, operation):
        if not seen:
            (there,) = tmp_path.iterdir()
            seen.append(there.name)
            there.unlink()
        real(handle, operation)

    monkeypatch.setattr(fcntl, "flock", first_gone)
    path = write_whole(tmp_path / "a", b"content")
    assert seen and path.read_bytes() == b"content"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
