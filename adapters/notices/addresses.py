"""Which e-mail address an officer's post has, by a file: YAML or JSON, the code of the post and the address."""

from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from adapters.yaml_text import parsed
from models.data import Code
from models.errors import MalformedError
from models.ports import NotDeliveredError

_SETTING = "TIREK_ADDRESSES_FILE"
_PLAIN = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}$"

Address = Annotated[str, StringConstraints(pattern=_PLAIN, max_length=254)]
"""A plain e-mail address, without a name, spaces or line breaks."""

_ADDRESSES = TypeAdapter(dict[Code, Address])


def checked_address(setting: str, text: str) -> str:
    """The same text; MalformedError names the setting."""
    try:
        return TypeAdapter(Address).validate_python(text)
    except ValidationError:
        raise MalformedError(f"{setting}: it is a plain e-mail address, as in tirek@example.kz") from None


class AddressFile:
    """The file is read again for each message: an address that is given later is found without a new start."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self) -> None:
        """MalformedError says what is wrong with the file, and where."""
        self._read()

    def of(self, post: str) -> str:
        """NotDeliveredError where the post has none, or the file cannot be read now."""
        try:
            found = self._read().get(post)
        except MalformedError:
            raise NotDeliveredError(f"{_SETTING} cannot be read") from None
        if found is None:
            raise NotDeliveredError(f"{post} has no address in {_SETTING}")
        return found

    def _read(self) -> dict[str, str]:
        try:
            content = parsed(self._file.read_text(encoding="utf-8"), f"{_SETTING}: {self._file}")
            return _ADDRESSES.validate_python(content)
        except (OSError, UnicodeDecodeError) as error:
            raise MalformedError(f"{_SETTING}: {self._file} cannot be read ({type(error).__name__})") from error
        except ValidationError as error:
            where = ", ".join(sorted({str(p["loc"][0]) if p["loc"] else "(whole file)" for p in error.errors()}))
            raise MalformedError(f"{_SETTING}: {self._file}: not CODE: ADDRESS at {where}") from None
