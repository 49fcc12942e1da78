"""The Temporal server of production, on PostgreSQL, and its page; with the files that containers are given too."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client, TLSConfig
from temporalio.service import RPCError

from adapters.child import Child, start_child
from adapters.settings import ROOT
from models.errors import UnavailableError
from production.postgresql import Postgresql
from production.programs import Temporal

NAMESPACE = "tirek"
SHARDS = 4
"""Of one machine; a cluster can never have another number than at its first start (docs/scale.md)."""
_CONFIGURATION = ROOT / "operations" / "temporal"
INTERNAL_PORTS, INTERNAL_PORTS_ABOVE = 7, 100
"""Between its own services, from so far above the port that others reach."""
_START_SECONDS = 120


@dataclass(frozen=True)
class RunningTemporal:
    """A server that answers whoever has a certificate."""

    address: str
    child: Child
    environment: Mapping[str, str]
    """TEMPORAL_*: how every client reaches it."""


def client_environment(address: str, secrets: Path) -> dict[str, str]:
    """TEMPORAL_* for a client with our certificate; nobody's profile is for this server."""
    return {
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_NAMESPACE": NAMESPACE,
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "TEMPORAL_TLS": "true",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(secrets / "authority.pem"),
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(secrets / "client.pem"),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(secrets / "client.key"),
    }


@asynccontextmanager
async def running_temporal(
    programs: Temporal, database: Postgresql, log: Path, port: int
) -> AsyncGenerator[RunningTemporal]:
    """The server, with the schema of its version in its databases; UnavailableError if it does not start."""
    secrets = database.secrets.folder.absolute()
    environment = _bare() | {
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": str(database.port),
        "SECRETS": str(secrets),
        "TOOL": str(programs.sql_tool),
        "SCHEMA": str(programs.schema),
        "TEMPORAL_SERVER_CONFIG_FILE_PATH": str(_CONFIGURATION / "server.yaml"),
        "FRONTEND_PORT": str(port),
        "INTERNAL_PORTS": str(port + INTERNAL_PORTS_ABOVE),
        "SHARDS": str(SHARDS),
        "DYNAMIC_CONFIG": str(_CONFIGURATION / "dynamicconfig.yaml"),
    }
    await _bring_schema(environment)
    child = start_child([str(programs.server), "start"], log=log, environment=environment)
    address = f"127.0.0.1:{port}"
    try:
        await _until_it_answers(address, secrets, child)
        yield RunningTemporal(address, child, client_environment(address, secrets))
    finally:
        await child.stop()


@asynccontextmanager
async def running_ui(
    programs: Temporal, server: RunningTemporal, folder: Path, port: int, codec: str | None
) -> AsyncGenerator[tuple[str, Child]]:
    """The page where operators look; it changes nothing. Its address, and its process.

    `codec`: where the browser finds what decrypts, for whoever signs in there.
    """
    given = server.environment
    written: dict[str, object] = {
        "temporalGrpcAddress": server.address,
        "host": "127.0.0.1",
        "port": port,
        "enableUi": True,
        "defaultNamespace": NAMESPACE,
        "disableWriteActions": True,
        "disableNewsFetch": True,
        "cors": {"cookieInsecure": True, "allowOrigins": [f"http://127.0.0.1:{port}"]},
        "tls": {
            "caFile": given["TEMPORAL_TLS_SERVER_CA_CERT_PATH"],
            "certFile": given["TEMPORAL_TLS_CLIENT_CERT_PATH"],
            "keyFile": given["TEMPORAL_TLS_CLIENT_KEY_PATH"],
            "enableHostVerification": True,
            "serverName": "temporal",
        },
    }
    if codec:
        written["codec"] = {"endpoint": codec, "includeCredentials": True}
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    (folder / "production.yaml").write_text(yaml.safe_dump(written))
    command = [str(programs.ui), "--root", str(folder), "--config", ".", "--env", "production", "start"]
    child = start_child(command, log=folder.parent / "temporal-ui.log", environment=_bare())
    address = f"http://127.0.0.1:{port}"
    try:
        await _until_the_page_answers(address, child)
        yield address, child
    finally:
        await child.stop()


def _bare() -> dict[str, str]:
    """Nothing of whoever started us: the server reads many variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(Path.home())}


async def _bring_schema(environment: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        "sh",
        str(_CONFIGURATION / "schema.sh"),
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise UnavailableError(f"Temporal's schema could not be brought: {said.decode(errors='replace')[-400:]}")


async def _until_it_answers(address: str, secrets: Path, child: Child) -> None:
    tls = TLSConfig(
        server_root_ca_cert=(secrets / "authority.pem").read_bytes(),
        client_cert=(secrets / "client.pem").read_bytes(),
        client_private_key=(secrets / "client.key").read_bytes(),
    )
    async with asyncio.timeout(_START_SECONDS):
        while True:
            if child.has_ended():
                raise UnavailableError(f"the Temporal server ended at once: {child.last_words()}")
            try:
                client = await Client.connect(address, namespace="temporal-system", tls=tls)
                await client.workflow_service.get_system_info(GetSystemInfoRequest())
                await client.count_workflows()
            except (RPCError, RuntimeError):
                await asyncio.sleep(0.2)
            else:
                return


async def _until_the_page_answers(address: str, child: Child) -> None:
    async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient(trust_env=False) as client:
        while True:
            if child.has_ended():
                raise UnavailableError(f"Temporal's page ended at once: {child.last_words()}")
            try:
                (await client.get(f"{address}/healthz")).raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
            else:
                return
