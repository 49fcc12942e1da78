"""The settings of every program, from the environment; a bad one is named and ends the program at once."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from adapters.notices.credentials import read_secret
from models.errors import MalformedError

ROOT = Path(__file__).resolve().parent.parent
GATEWAY_FILE = "gateway.yaml"
"""The name of the gateway file that the stand-in leaves in its folder while it runs."""


_WAYS_OUT = (
    "documents_url",
    "anchors_url",
    "otlp_endpoint",
    "smtp_url",
    "smtp_password_file",
    "mail_from",
    "addresses_file",
    "webhook_url",
    "webhook_secret",
    "webhook_secret_file",
    "gateway_file",
    "signatures_file",
)


Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:%-]{1,253}$")]
"""An address or a name on which a program listens."""


class Settings(BaseSettings):
    """TIREK_* of the environment. Temporal's own connection follows the standard TEMPORAL_* variables."""

    model_config = SettingsConfigDict(env_prefix="TIREK_", env_ignore_empty=True, hide_input_in_errors=True)

    data: Path = ROOT / ".tirek"
    """Folder of local data: record, keys, notices."""
    production: bool = False
    """Whether real people's applications are here: then nothing stands in for anything, and nothing is made up."""
    database_url: str | None = None
    """SQLAlchemy address of the record; default: SQLite in the data folder."""
    database_password_file: Path | None = None
    """Holds the password of PostgreSQL, where the address does not."""
    keys_file: Path | None = None
    """JSON key ring; default: made once in the data folder. Production gives its own."""
    documents_url: Annotated[str | None, Field(pattern=r"^(s3://[^/\s?#]+(/[^\s?#]*)?|file:///[^?#]+)$")] = None
    """Where documents are kept: s3://BUCKET/PREFIX or file:///FOLDER; default: `documents` in the data folder."""
    regulations: Path = ROOT / "regulations"
    """Folder of regulation and calendar files."""
    task_queue: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] = "tirek"
    sandbox: bool = False
    """Run workflows in the strict sandbox (tests, CI) instead of passing every module through."""
    temporal_port: Annotated[int, Field(ge=1, le=63035)] = 7233
    """Where `make up` starts a server (its UI 1000 above), and programs look without TEMPORAL_ADDRESS."""
    temporal_ui: Annotated[str | None, Field(pattern=r"^https?://[^\s]+$")] = None
    """Where Temporal's own page listens; default: 1000 above `temporal_port`."""
    board_host: Host = "127.0.0.1"
    """Where the board listens."""
    board_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Its port; default: 1500 above `temporal_port`."""
    board_public: bool = False
    """Whether the board may listen where other machines reach it, though nobody signs in."""
    public_address: Annotated[str | None, Field(pattern=r"^https?://[!-\"$->A-~]{1,200}$")] = None
    """Where people find the page that checks a printed document; default: the board's own address.

    Without # ? and @: `/documents/CODE` is put behind it, and stands on paper for ever.
    """
    grace_seconds: Annotated[float, Field(ge=0, le=600)] = 10
    """How long a worker that is stopping waits for running activities."""
    cached_workflows: Annotated[int, Field(ge=0, le=100_000)] = 4000
    """How many applications a worker keeps in memory; any other is replayed when something happens to it."""
    dormant_patches: Annotated[str | None, Field(pattern=r"^[a-z0-9-]+(,[a-z0-9-]+)*$")] = None
    """Changes of the process, by the ids of their patches, that a worker follows but does not begin yet."""
    wait_seconds: Annotated[float, Field(gt=0, le=120)] = 8
    """How long the command line waits for a server, a worker or the record."""
    gateway_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Where the stand-in for the gateway listens; default: 2000 above `temporal_port`."""
    registers_per_second: Annotated[float, Field(gt=0, le=1000)] = 20
    """How many questions all workers together put to the registers in a second."""
    officer: str | None = None
    """Who acts where --as is not given."""
    smtp_url: SecretStr | None = None
    """Mail server for what supervisors are told: smtp:// (STARTTLS), smtps://, smtp+plain:// on this machine."""
    smtp_password_file: Path | None = None
    """Holds the mail server's password, where the address does not."""
    mail_from: str | None = None
    addresses_file: Path | None = None
    """YAML or JSON: the code of an officer's post, and its e-mail address."""
    webhook_url: SecretStr | None = None
    """Where supervisors' notices are posted to, signed; it may hold a token of the receiver's."""
    webhook_secret: SecretStr | None = None
    """whsec_…, or several with a space between them."""
    webhook_secret_file: Path | None = None
    gateway_file: Path | None = None
    """YAML: where the e-government gateway is, who we are to it, whom we trust (adapters/gateway/agreement.py)."""
    signatures_file: Path | None = None
    """YAML: whose signatures are believed, and who may sign for a post (adapters/signatures/trust.py)."""
    anchors_url: Annotated[str | None, Field(pattern=r"^(s3://[^/\s?#]+(/[^\s?#]*)?|file:///[^?#]+)$")] = None
    """Where the heads of the record's hash chains are written to once a day, away from the database."""
    operators_file: Path | None = None
    """YAML or JSON: who may read in the Temporal UI what is encrypted: name, and argon2 hash of the password."""
    session_secret_file: Path | None = None
    """Signs the cookie of whoever signed in; default: made anew at each start, which signs everybody out."""
    codec_host: Host = "127.0.0.1"
    """Where the codec server listens."""
    codec_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Its port; default: 2500 above `temporal_port`."""
    health_host: Host = "127.0.0.1"
    """Where a worker tells its health and its metrics."""
    health_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """The port of a worker's first process, the next ones follow; without it a worker tells nothing."""
    otlp_endpoint: Annotated[str | None, Field(pattern=r"^https?://[^\s]+$")] = None
    """Where traces are sent to (OTLP over HTTP); without it none are made."""
    fault: str | None = None
    """Where the process kills itself: for the fault tests alone (adapters/faults.py)."""
    log_format: Annotated[str, Field(pattern="^(console|json)$")] = "console"
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    @field_validator("data")
    @classmethod
    def _can_be_a_folder(cls, value: Path) -> Path:
        there = next((one for one in (value, *value.parents) if one.exists()), value)
        if not there.is_dir():
            raise ValueError(f"{there} is no folder")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError as error:
            raise ValueError("is no SQLAlchemy address, as in sqlite:///FILE") from error
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(f"{backend} is neither sqlite nor postgresql")
        return value

    def in_silence(self) -> Self:
        """The same, but nobody outside of the data folder is told: a trial's applications are nobody's."""
        return self.model_copy(update=dict.fromkeys(_WAYS_OUT))

    @property
    def record_url(self) -> str:
        """The whole address, with the password in it. MalformedError for a password file that cannot be used."""
        address = self.database_url or f"sqlite:///{self.data / 'record.sqlite'}"
        if self.database_password_file is None:
            return address
        password = read_secret("TIREK_DATABASE_PASSWORD_FILE", self.database_password_file)
        url = make_url(address)
        if url.get_backend_name() == "sqlite" or url.password:
            reason = "TIREK_DATABASE_URL names a file, or has a password already"
            raise MalformedError(
                f"TIREK_DATABASE_PASSWORD_FILE: {reason}", [("TIREK_DATABASE_PASSWORD_FILE", reason)]
            )
        return url.set(password=password.get_secret_value()).render_as_string(hide_password=False)

    @property
    def temporal_ui_address(self) -> str:
        return self.temporal_ui or f"http://127.0.0.1:{self.temporal_port + 1000}"

    @property
    def board_listens_on(self) -> int:
        return self.board_port or self.temporal_port + 1500

    @property
    def forms(self) -> Path:
        """The templates of printed forms: beside the regulation files, or else the shipped ones."""
        own = self.regulations / "forms"
        return own if own.is_dir() else ROOT / "regulations" / "forms"

    @property
    def documents_address(self) -> str:
        """Where the QR code of a printed document leads, before its code."""
        host = f"[{self.board_host}]" if ":" in self.board_host else self.board_host
        board = f"http://{host}:{self.board_listens_on}"
        return f"{(self.public_address or board).rstrip('/')}/documents"

    @property
    def gateway_listens_on(self) -> int:
        return self.gateway_port or self.temporal_port + 2000

    @property
    def codec_listens_on(self) -> int:
        return self.codec_port or self.temporal_port + 2500

    @property
    def gateway_stand_in(self) -> Path:
        """The folder of the stand-in's keys, and of its gateway file while it runs."""
        return self.data / "gateway-stand-in"

    @property
    def signature_stand_in(self) -> Path:
        """The folder of the stand-in for the certification authority: its keys and its lists of the revoked."""
        return self.data / "signature-stand-in"

    @property
    def key_file(self) -> Path:
        return self.keys_file or self.data / "keys.json"


def load_settings() -> Settings:
    """The settings; MalformedError names each environment variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        fields = [(f"TIREK_{str(problem['loc'][0]).upper()}", problem["msg"]) for problem in error.errors()]
        lines = "; ".join(f"{name}: {message}" for name, message in fields)
        raise MalformedError(f"bad settings: {lines}", fields) from error
