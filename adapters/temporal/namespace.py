"""Prepares a namespace: our search attributes, and closed executions kept long enough to be compared."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.errors import MalformedError

RETENTION = timedelta(days=90)
"""A repeated command and a reconciliation need the closed execution; a dev server keeps it for a day only."""

_KNOWN_SECONDS = 60
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """What of a namespace was there, and what was made now; each in a few words, as people read it."""

    there: tuple[str, ...] = ()
    made: tuple[str, ...] = ()

    def __add__(self, other: "Prepared") -> "Prepared":
        return Prepared(self.there + other.there, self.made + other.made)


async def prepare_namespace(client: Client, search_attributes: dict[str, IndexedValueType.ValueType]) -> Prepared:
    """Bring the namespace up to what Tirek needs, and tell what that was. Doing it again changes nothing.

    RPCError; MalformedError where a search attribute of ours is there with another type.
    """
    return await _keep_closed_executions(client) + await _add_search_attributes(client, search_attributes)


async def ensure_namespace(client: Client) -> Prepared:
    """Register the namespace where the server has none of this name. A server learns of it within some seconds."""
    name = f"namespace {client.namespace}"
    try:
        await retention_of(client)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    else:
        return Prepared(there=(name,))
    wanted = RegisterNamespaceRequest(
        namespace=client.namespace, workflow_execution_retention_period=_duration(RETENTION)
    )
    await client.workflow_service.register_namespace(wanted, retry=True)
    async with asyncio.timeout(_KNOWN_SECONDS):
        while not await _is_known(client):  # noqa: ASYNC110 - a server sends no event for it
            await asyncio.sleep(0.2)
    return Prepared(made=(name,))


async def reports_problems(client: Client) -> bool:
    """Whether this server itself tells of executions whose workflow tasks fail (`TemporalReportedProblems`)."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    listed = await client.operator_service.list_search_attributes(request, retry=True)
    return "TemporalReportedProblems" in listed.system_attributes


async def retention_of(client: Client) -> timedelta:
    """How long the server keeps an execution that has ended; RPCError."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    described = await client.workflow_service.describe_namespace(request, retry=True)
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def _keep_closed_executions(client: Client) -> Prepared:
    namespace = client.namespace
    try:
        kept = await retention_of(client)
        if kept >= RETENTION:
            return Prepared(there=(f"retention of {kept.days} days",))
        keep = NamespaceConfig(workflow_execution_retention_ttl=_duration(RETENTION))
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=namespace, config=keep), retry=True
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.PERMISSION_DENIED:
            raise
        _log.warning("namespace %s: its retention is not ours to set; keep 90 days or more", namespace)
        return Prepared(there=("retention, which is not ours to set: keep 90 days or more",))
    return Prepared(made=(f"retention of {RETENTION.days} days",))


async def _add_search_attributes(client: Client, wanted: dict[str, IndexedValueType.ValueType]) -> Prepared:
    service, namespace = client.operator_service, client.namespace
    listed = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace), retry=True)
    known = listed.custom_attributes
    missing = {name: kind for name, kind in wanted.items() if name not in known}
    wrong = [name for name, kind in wanted.items() if name not in missing and known[name] != kind]
    if wrong:
        raise MalformedError(
            f"namespace {namespace}: the search attributes {', '.join(wrong)} are there with another type than "
            "Tirek needs; take another namespace"
        )
    prepared = Prepared(
        there=tuple(f"search attribute {name}" for name in wanted if name not in missing),
        made=tuple(f"search attribute {name}" for name in missing),
    )
    if not missing:
        return prepared
    try:
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing), retry=True
        )
    except RPCError as error:
        # Two workers may start at once; the second one finds the work done.
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
    await _until_known(client, missing)
    return prepared


def _duration(length: timedelta) -> Duration:
    told = Duration()
    told.FromTimedelta(length)
    return told


async def _is_known(client: Client) -> bool:
    """Whether every part of the server that is asked for it has heard of the namespace."""
    try:
        await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), retry=False
        )
        await client.count_workflows()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def _until_known(client: Client, added: Iterable[str]) -> None:
    """A server hands new attributes to its parts within some seconds; until then it refuses every start."""
    query = " AND ".join(f"{name} IS NULL" for name in added)
    async with asyncio.timeout(_KNOWN_SECONDS):
        while True:
            try:
                await client.count_workflows(query)
            except RPCError:
                await asyncio.sleep(0.2)
            else:
                await asyncio.sleep(1)
                return
