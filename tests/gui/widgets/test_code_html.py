"""Sentences as rich text: code, unbroken shapes and indices, links."""

from __future__ import annotations

from gui.widgets.code_html import Link, code_html, plain

SPACE = "\N{NO-BREAK SPACE}"


def test_no_shape_and_no_index_is_broken():
    html = code_html("`W[3, 4]` of (100, 784) is < 0", 13)
    assert f"W[3,{SPACE}4]</span> of (100,{SPACE}784) is &lt; 0" in html
    assert plain("`W` is") == "W is"


def test_links_stand_in_prose_and_keep_their_places_after_code():
    sentence = "`x` is a minibatch of images (2, 3)"
    start = sentence.index("minibatch")
    link = Link(start, start + 9, "minibatch", new=True)
    html = code_html(sentence, 13, [link], "#123456")
    assert (
        '<a href="new:minibatch" style="color:#123456; text-decoration:none">minibatch</a>' in html
    )
    assert "<a" not in code_html(sentence, 13)
    assert "<a" not in code_html("`minibatch`", 13, [Link(1, 10, "minibatch")])
