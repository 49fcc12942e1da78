"""Prepares a namespace: our search attributes, and closed executions kept long enough to be compared."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

RETENTION = timedelta(days=90)
"""A repeated command and a reconciliation need the closed execution; a dev server keeps it for a day only."""

_KNOWN_SECONDS = 60
_log = logging.getLogger(__name__)


async def prepare_namespace(client: Client, search_attributes: dict[str, IndexedValueType.ValueType]) -> None:
    """Bring the namespace up to what Tirek needs. Doing it again changes nothing."""
    await _keep_closed_executions(client)
    await _add_search_attributes(client, search_attributes)


async def retention_of(client: Client) -> timedelta:
    """How long the server keeps an execution that has ended; RPCError."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    described = await client.workflow_service.describe_namespace(request, retry=True)
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def _keep_closed_executions(client: Client) -> None:
    namespace = client.namespace
    try:
        if await retention_of(client) >= RETENTION:
            return
        keep = Duration()
        keep.FromTimedelta(RETENTION)
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=keep)
            ),
            retry=True,
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.PERMISSION_DENIED:
            raise
        _log.warning("namespace %s: its retention is not ours to set; keep 90 days or more", namespace)


async def _add_search_attributes(client: Client, wanted: dict[str, IndexedValueType.ValueType]) -> None:
    service, namespace = client.operator_service, client.namespace
    listed = await service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace), retry=True)
    missing = {name: kind for name, kind in wanted.items() if name not in listed.custom_attributes}
    if not missing:
        return
    try:
        await service.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=missing), retry=True
        )
    except RPCError as error:
        # Two workers may start at once; the second one finds the work done.
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
    await _until_known(client, missing)


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
