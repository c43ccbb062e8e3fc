"""What a process of the enrollment service starts beside itself: nothing until it is needed, nothing left behind."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from services.enrollment.house import open_house
from tests.conftest import require
from tests.enrollment.conftest import settings_for
from tests.enrollment.visitors import Served
from tests.servers import free_port


def children() -> set[str]:
    found = (Path("/proc/self/task") / str(os.getpid()) / "children").read_text().split()
    return {one for one in found if b"-m\0shared." in (Path("/proc") / one / "cmdline").read_bytes()}


async def test_a_child_starts_when_a_document_is_wanted_and_ends_with_the_house(served: Served, tmp_path: Path) -> None:
    require(sys.platform == "linux", "/proc")
    settings, before = settings_for(tmp_path, served.settings.database_url, free_port()), children()
    async with open_house(settings, process="tests") as house:
        assert children() == before
        moment = datetime(2026, 11, 25, tzinfo=UTC)
        page = await house.documents.render("<html lang=en><title>A page</title><p>Text</html>", created=moment)
        assert page.startswith(b"%PDF-")
        assert len(children() - before) == 1
    assert children() == before
