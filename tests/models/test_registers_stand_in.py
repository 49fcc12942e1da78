"""Examples of people for whom the stand-in registers behave in some way: there always is one."""

from random import Random

import pytest

from adapters.registers.synthetic import behaviour_of
from demo.examples import Wish, make_example
from models.lifecycle import Channel, Command
from models.messages import MESSAGES
from tests.models.builders import REGULATION


@pytest.mark.parametrize("behaviour", ["unknown", "differs", "silent", "slow"])
def test_every_draw_finds_a_child(behaviour: str) -> None:
    """On one day in sixty nobody has an IIN of that kind; then a child of another day is drawn."""
    for seed in range(300):
        wish = Wish(channel=Channel.PROVIDER, random=Random(seed), behaviour=behaviour)
        request = MESSAGES[Command.ACCEPT].model_validate(make_example(Command.ACCEPT, wish, REGULATION))
        assert {behaviour_of(child.iin) for child in request.children} == {behaviour}
