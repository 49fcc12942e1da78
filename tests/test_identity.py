"""Ids and digests that a caller's key and words lead to."""

import hashlib
import json

from pydantic import Field

from adapters.keys import KeyRing
from desk.identity import digests
from models.data import Data
from models.lifecycle import Command
from models.messages import IdentityDocument, Nothing, Withdraw


class Later(Data):
    """`Withdraw` in some later Tirek."""

    reason: str | None = None
    enclosures: tuple[str, ...] = Field(default=())


class TestDigests:
    """The same words have the same digest, and nobody can guess words from it."""

    def test_new_optional_field_changes_nothing(self, key_ring: KeyRing) -> None:
        """A field that a later Tirek adds leaves the digest of an older command as it was."""
        for words in ({}, {"reason": "moved away"}):
            older, newer = Withdraw.model_validate(words), Later.model_validate(words)
            assert digests(key_ring, Command.WITHDRAW, older)[0] == digests(key_ring, Command.WITHDRAW, newer)[0]

    def test_default_is_the_same_said_or_unsaid(self, key_ring: KeyRing) -> None:
        """Whether somebody writes a default down or leaves it out, it is the same command."""
        said, unsaid = Withdraw(reason=None), Withdraw()
        assert digests(key_ring, Command.WITHDRAW, said) == digests(key_ring, Command.WITHDRAW, unsaid)

    def test_other_words_other_digest(self, key_ring: KeyRing) -> None:
        """Command and words both count."""
        messages = (Withdraw(), Withdraw(reason="a"), Withdraw(reason="b"))
        commands = (Command.WITHDRAW, Command.CALL)
        found = {mark for message in messages for name in commands for mark in digests(key_ring, name, message)}
        assert len(found) == 2 * len(messages) * len(commands)

    def test_record_keeps_no_guessable_hash(self, key_ring: KeyRing) -> None:
        """The number of an identity card has nine digits: what the record keeps is hashed with a key."""
        card = IdentityDocument(kind="identity-card", number="012345678")
        guessed = json.dumps([Command.COLLECT, card.model_dump(mode="json")], sort_keys=True)
        assert digests(key_ring, Command.COLLECT, card)[0] != hashlib.sha256(guessed.encode()).hexdigest()

    def test_first_digests_are_known(self, key_ring: KeyRing) -> None:
        """A command of the first Tirek, which hashed whole messages without a key, can still be repeated."""
        first = hashlib.sha256(b'["call", {}]').hexdigest()
        assert digests(key_ring, Command.CALL, Nothing())[1] == first
