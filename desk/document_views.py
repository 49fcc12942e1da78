"""How an application's documents are told: the files that it has, what the amount stands beside, and the way of
its result."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from models.data import local_day, local_iso
from models.journal import Fact, FactName
from models.regulation import AmountPolicy, Regulation
from models.request import Request
from models.state import Collection

_WAY = {
    FactName.RESULT_DELIVERED: "ready",
    FactName.RESULT_PUBLISHED: "published",
    FactName.RESULT_COLLECTED: "collected",
    FactName.RESULT_HANDED_OVER: "stored",
    FactName.RESULT_KEPT: "stored",
    FactName.RECALL_REQUESTED: "recalled",
    FactName.RESULT_SENT_BACK: "returned",
}
"""The facts that are steps of a result's way, and what each makes of it (R9, R10, R20-R22)."""


def evidence_view(reader: RecordReader, files: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """The files that were handed in, by their ids and hashes."""
    return [
        {**one.model_dump(mode="json"), "attached_at": local_iso(one.attached_at)}
        for file in files
        for one in reader.evidence(file.id)
    ]


def amounts_view(request: Request, regulation: Regulation, at: datetime) -> list[dict[str, Any]]:
    """What the policy gives each child a month (KZT) in that year, and the child's income beside it (R11, item 7).

    Income takes nothing from the amount: whoever decides sees it, and can set another amount with a reason.
    """
    policy, year = regulation.amount, local_day(at).year
    return [
        {"child": number, **_by_policy(policy, year), **_income(request, number, regulation)}
        for number in range(1, len(request.children) + 1)
    ]


def _by_policy(policy: AmountPolicy, year: int) -> dict[str, Any]:
    index, monthly = policy.index.get(year), policy.monthly(year)
    return {
        "year": year,
        "indices": policy.indices,
        "index": None if index is None else str(index),
        "monthly_amount": None if monthly is None else str(monthly),
    }


def _income(request: Request, child: int, regulation: Regulation) -> dict[str, Any]:
    kinds = {kind.kind for item in regulation.package if item.item == "child-income" for kind in item.kinds}
    papers = [paper for paper in request.documents if paper.kind in kinds and paper.child == child]
    told = [paper.monthly_income for paper in papers if paper.monthly_income is not None]
    return {
        "income": [
            {"kind": paper.kind, "monthly_income": paper.model_dump(mode="json").get("monthly_income")}
            for paper in papers
        ],
        "monthly_income": str(sum(told, Decimal())) if told else None,
    }


def result_view(reader: RecordReader, files: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """The way of the result, step by step: ready, collected by whom on which document, stored on which list,
    recalled, returned."""
    steps: list[dict[str, Any]] = []
    for file in files:
        _, collection = reader.signed_and_collected(file.id)
        steps += [_step(fact, collection) for fact in reader.facts(file.id) if fact.fact in _WAY]
    return steps


def _step(fact: Fact, collection: Collection | None) -> dict[str, Any]:
    told: dict[str, Any] = {"is": _WAY[fact.fact], "at": local_iso(fact.at), "by": fact.by}
    told |= {name: fact.details[name] for name in ("list", "received_by", "collected_by") if name in fact.details}
    if collection is not None and fact.fact is FactName.RESULT_COLLECTED:
        told |= collection.model_dump(mode="json", include={"identity_document", "power_of_attorney"})
        # Its number is for whoever has to prove who came; here its kind is enough.
        told["identity_document"] = (told["identity_document"] or {}).get("kind")
    return told
