"""Five hundred certificates by the pool, beside the same pages by bare WeasyPrint, each with two processes, in turns.

Bare is what one would write without us: `HTML(string=...).write_pdf(...)` in processes that are warm, for the same page
with the same pictures. It tags no complex script, mends no list of attachments, and carries no credential.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from statistics import median

import msgspec
from msgspec.structs import replace

from services.credentials.public.drawing import certificate
from services.credentials.public.drawing.certificate import CertificateContent
from shared.documents import DocumentPool, Picture
from tests.benchmarks.bare_pages import Page, draw, warm
from tests.benchmarks.measuring import ROUNDS
from tests.credentials.callers import ACHIEVEMENT
from tests.credentials.web_issuer import NOW, WebIssuer

CERTIFICATES = 500
_WORKERS = 2


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Pages a second of each round."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]


def main(argv: list[str]) -> int:
    """Print the rates and their ratio; an argument is another number of certificates."""
    count = int(argv[0]) if argv else CERTIFICATES
    found = asyncio.run(measured(count))
    ratio = median(own / bare for own, bare in zip(found.ours, found.bare, strict=True))
    sys.stdout.write(f"{count} certificates with {_WORKERS} processes, in {ROUNDS} turns; pages per second\n")
    for name, rates in (("certificates by the pool", found.ours), ("the same pages, bare WeasyPrint", found.bare)):
        sys.stdout.write(f"{name:34} {median(rates):6.1f} ({min(rates):.1f}, {max(rates):.1f})\n")
    sys.stdout.write(f"{'ratio within each turn':34} {ratio:6.2f}\n")
    return 0


async def measured(count: int) -> Figures:
    """Each turn draws its share of the certificates, every one of another holder, both ways."""
    credential = WebIssuer(has_rs256=False).badge().json
    contents = [_content(number) for number in range(count)]
    ours, bare = [], []
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as processes:
        list(processes.map(warm, range(_WORKERS)))
        async with DocumentPool(_WORKERS, queue=count) as pool:
            await asyncio.gather(*(certificate.render(pool, contents[0], credential) for _ in range(_WORKERS)))
            for turn in range(ROUNDS):
                share = contents[turn::ROUNDS]
                ours.append(await _by_pool(pool, share, credential))
                bare.append(await asyncio.to_thread(_by_weasyprint, processes, share))
    return Figures(ours=tuple(ours), bare=tuple(bare))


async def _by_pool(pool: DocumentPool, contents: Sequence[CertificateContent], credential: str) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(certificate.render(pool, one, credential) for one in contents))
    return len(contents) / (time.perf_counter() - began)


def _by_weasyprint(processes: ProcessPoolExecutor, contents: Sequence[CertificateContent]) -> float:
    began = time.perf_counter()
    pages = [_page(one) for one in contents]
    assert all(size > 1_000 for size in processes.map(draw, pages))
    return len(contents) / (time.perf_counter() - began)


def _page(content: CertificateContent) -> Page:
    pictures: Sequence[Picture] = certificate.pictures(content, str)
    return Page(html=certificate.html(content), pictures=tuple((one.name, one.content) for one in pictures))


def _content(number: int) -> CertificateContent:
    return replace(_FIRST, holder_name=f"Zoë Ŵyn {number}", badge_url=f"{_FIRST.badge_url[:-4]}{number:04d}")


_FIRST = CertificateContent(
    program_name=ACHIEVEMENT.program_name,
    level_name=ACHIEVEMENT.level_name,
    achievement_name=ACHIEVEMENT.name,
    holder_name="Zoë Ŵyn",
    description=ACHIEVEMENT.description,
    credit_minutes=570,
    activity_start=date(2021, 9, 18),
    activity_end=date(2022, 4, 23),
    awarded_on=date(2026, 11, 1),
    cohort_name="North 1",
    region="North",
    issuer_name="Example Association",
    is_demonstration=False,
    badge_url="https://badges.example/badges/7f3f2c1e-1b7e-4d0c-9b0e-0a4d5f1e2c3b",
    issued_at=NOW,
)
