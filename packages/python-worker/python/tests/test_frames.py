import io
import struct

import pytest

from dda_worker.frames import ProtocolError, read_frame, write_frame


def written(header, parts=()):
    pipe = io.BytesIO()
    write_frame(pipe, header, parts)
    return pipe.getvalue()


@pytest.mark.parametrize("parts", [[], [b""], [b"abc", b"", bytes(100_000)]])
def test_a_frame_comes_out_as_it_went_in(parts):
    header = {"type": "request", "id": 1, "params": {"text": "\u201c\u00e4\u201d \u2744"}}
    assert read_frame(io.BytesIO(written(header, parts))) == (header, parts)


def test_frames_follow_each_other():
    pipe = io.BytesIO(written({"id": 1}, [b"x"]) + written({"id": 2}))
    assert read_frame(pipe) == ({"id": 1}, [b"x"])
    assert read_frame(pipe) == ({"id": 2}, [])
    assert read_frame(pipe) is None


def test_a_pipe_that_ends_inside_a_frame_has_none():
    data = written({"id": 1}, [b"abc"])
    for length in range(len(data)):
        assert read_frame(io.BytesIO(data[:length])) is None


def test_an_absurd_length_is_no_frame():
    with pytest.raises(ProtocolError):
        read_frame(io.BytesIO(struct.pack(">I", 2**31)))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused_before_a_byte_is_written(value):
    pipe = io.BytesIO()
    with pytest.raises(ValueError):
        write_frame(pipe, {"loss": value})
    assert pipe.getvalue() == b""


def test_a_lone_surrogate_does_not_break_the_pipe():
    assert read_frame(io.BytesIO(written({"text": "a\ud800b"}))) == ({"text": "a?b"}, [])
