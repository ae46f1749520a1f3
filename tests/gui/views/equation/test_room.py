"""The panel's room."""

import pytest

from gui.views.equation.room import LEAST_CANVAS, CardPlace, divide, readable


@pytest.mark.parametrize("card", CardPlace)
@pytest.mark.parametrize("message", [0, 40])
@pytest.mark.parametrize("top", [0, 60])
def test_the_parts_share_the_room_and_none_covers_another(card, message, top):
    room = divide(1100, 420, top, message, card)
    parts = [part for part in (room.canvas, room.card, room.message) if part is not None]
    parts += [room.top] if top else []
    for number, part in enumerate(parts):
        assert part.left() >= 0 and part.right() < 1100
        assert part.top() >= 0 and part.bottom() < 420
        assert not any(part.intersects(other) for other in parts[number + 1 :])
    assert (room.card is not None) is (card is not CardPlace.NOWHERE)
    assert (room.message is not None) is (message > 0)
    assert room.body.contains(room.picture) and room.picture.contains(room.canvas)


def test_a_narrow_panel_has_no_card_beside_the_picture():
    room = divide(LEAST_CANVAS + 100, 400, 0, 0, CardPlace.ASIDE)
    assert room.card is None and room.canvas.width() == LEAST_CANVAS + 100


@pytest.mark.parametrize("card", CardPlace)
def test_card_and_caption_stay_where_they_are_unless_numbers_get_more_digits(card):
    assert readable(card, lambda card, told: 2) == (card, True)
    assert readable(card, lambda card, told: 0) == (card, True)


def test_a_card_beside_becomes_a_line_before_anything_is_left_out():
    bare = {(CardPlace.NOWHERE, True): 2, (CardPlace.NOWHERE, False): 2}
    digits = {**bare, (CardPlace.BENEATH, True): 2, (CardPlace.BENEATH, False): 2}
    found = readable(CardPlace.ASIDE, lambda *way: digits.get(way, 0))
    assert found == (CardPlace.BENEATH, True)
    digits = {**bare, (CardPlace.BENEATH, True): 1}
    found = readable(CardPlace.ASIDE, lambda *way: digits.get(way, 0))
    assert found == (CardPlace.NOWHERE, True)
