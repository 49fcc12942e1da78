"""`starter.py setup`: what the engine needs is made once, and told; a second time nothing is changed."""

from pathlib import Path

import pytest
from sqlalchemy import inspect
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from adapters.database.engine import connect
from adapters.database.schema import HEAD
from adapters.temporal.namespace import prepare_namespace, reports_problems, retention_of
from adapters.temporal.server import Server, free_port
from models.errors import MalformedError
from tests.command_line import run_program
from workflows import operators

NAMES = {key.name for key in operators.ALL_KEYS}


def environment(server: Server, data: Path, address: str, namespace: str) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": server.address,
        "TEMPORAL_NAMESPACE": namespace,
        "TIREK_DATA": str(data),
        "TIREK_DATABASE_URL": address,
    }


class TestSetup:
    """On a namespace and a database that nobody has used."""

    async def test_twice(self, server: Server, address: str, database: str, tmp_path: Path) -> None:
        """The first time everything is made, the second time everything was there; both end with 0."""
        namespace = f"of-a-test-on-{database}"
        where = environment(server, tmp_path, address, namespace)
        first = await run_program("setup", "--json", environment=where)
        assert first.code == 0, first.err + first.out
        attributes = {f"search attribute {name}" for name in NAMES}
        made = {f"schema {HEAD} of the record", f"namespace {namespace}", *attributes}
        assert set(first.json["made"]) == made
        again = await run_program("setup", "--json", environment=where)
        assert (again.code, again.json["made"]) == (0, [])
        assert made <= set(again.json["there"])
        client = await Client.connect(server.address, namespace=namespace)
        request = ListSearchAttributesRequest(namespace=namespace)
        listed = await client.operator_service.list_search_attributes(request)
        assert set(listed.custom_attributes) >= NAMES
        assert (await retention_of(client)).days == 90
        record = connect(address)
        assert inspect(record).has_table("application")
        record.dispose()

    async def test_for_people(self, server: Server, address: str, tmp_path: Path) -> None:
        """Without --json each thing is a line; the default namespace is there already."""
        ran = await run_program("setup", environment=environment(server, tmp_path, address, "default"))
        assert ran.code == 0, ran.err
        assert f"made: schema {HEAD} of the record" in ran.out
        assert "was there: namespace default" in ran.out
        assert "was there: TemporalReportedProblems, of the server itself" in ran.out

    async def test_without_a_server(self, address: str, tmp_path: Path) -> None:
        """Nobody answers: exit 4, and the text says where it looked and how a server is started."""
        where = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}", "TIREK_WAIT_SECONDS": "1"}
        where |= {"TIREK_DATA": str(tmp_path), "TIREK_DATABASE_URL": address}
        ran = await run_program("setup", environment=where)
        assert ran.code == 4
        assert f"no Temporal server answers at {where['TEMPORAL_ADDRESS']}" in ran.err


class TestNamespace:
    """What is there with another meaning is not taken for ours."""

    async def test_another_type(self, server: Server) -> None:
        """A search attribute of our name with another type is named, and nothing is begun with it."""
        client = await Client.connect(server.address)
        wanted = operators.registered() | {"Stage": IndexedValueType.INDEXED_VALUE_TYPE_TEXT}
        with pytest.raises(MalformedError, match="search attributes Stage are there with another type"):
            await prepare_namespace(client, wanted)

    async def test_problems_are_reported_by_the_server(self, server: Server) -> None:
        """On this server the attribute of failing workflow tasks is its own: nothing has to be registered."""
        assert await reports_problems(await Client.connect(server.address))
