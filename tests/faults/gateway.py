"""The stand-in for the gateway as a program of its own, which a test takes away and brings back."""

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from adapters.child import start_child
from adapters.settings import ROOT

_BEGINS_SECONDS = 20


@dataclass(frozen=True)
class Gateway:
    """Where its file is, and who tells it how to be."""

    file: Path
    control: httpx.AsyncClient

    async def be(self, state: str) -> None:
        """up, down, silent or failing."""
        answer = await self.control.post("/stand-in/state", json={"state": state})
        answer.raise_for_status()


@asynccontextmanager
async def running_gateway(folder: Path) -> AsyncGenerator[Gateway]:
    """A stand-in on a free port, with certificates of its own in the folder."""
    command = [sys.executable, str(ROOT / "starter.py"), "gateway", "--port", "0", "--folder", str(folder)]
    child = start_child(command, log=folder.with_suffix(".log"))
    try:
        async with asyncio.timeout(_BEGINS_SECONDS):
            while "https://" not in child.words():
                assert not child.has_ended(), child.last_words()
                await asyncio.sleep(0.05)
        file = folder / "gateway.yaml"
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        trust = ssl.create_default_context(cafile=str(folder / content["ca_file"]))
        address = httpx.URL(content["url"]).copy_with(path="/")
        async with httpx.AsyncClient(base_url=address, verify=trust) as control:
            yield Gateway(file, control)
    finally:
        await child.stop()
