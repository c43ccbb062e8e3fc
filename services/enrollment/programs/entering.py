"""What staff type to make programs, levels and curricula, as what it becomes. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from services.enrollment.programs import alignments
from services.enrollment.programs.model import Curriculum, Level, Module, Program
from services.enrollment.programs.rubric import (
    Rubric,
    describing,
    lines,
    result_descriptions,
    says_the_same,
    written,
)
from shared.contracts import AchievementVersion, RelatedAchievement
from shared.pages.sheets import Sheet
from shared.problems import InvalidInputError
from shared.words import N_, said

MOST_MODULES = 60
_MOST_TAGS, _LONGEST_TAG = 20, 300
AchievementType = Literal["MicroCredential", "Badge", "Certificate", "CertificateOfCompletion", "Course"]
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
#: The fields of a module's row, apart from its id.
_ROW = ("name", "description", "evidence", "in_person", "virtual", "rubric")


def program(sheet: Sheet, *, program_id: UUID, organization_id: UUID) -> Program:
    """A program as its form has it. InvalidInputError for everything that does not fit."""
    slug = sheet.line("program_slug", most=60)
    if slug and not _SLUG.fullmatch(slug):
        sheet.wrong("program_slug", N_("Use small letters, digits and hyphens, such as just-schools."))
    accent = sheet.shaped("accent", "color", N_("Choose a color."))
    jurisdiction = sheet.line("jurisdiction", missing=None, most=10)
    if jurisdiction and not _JURISDICTION.fullmatch(jurisdiction):
        sheet.wrong("jurisdiction", N_("Give a country or a part of one by its code, such as US-IL."))
    found = Program(
        id=program_id,
        organization_id=organization_id,
        slug=slug,
        name=sheet.line("name", missing=N_("Give the program a name.")),
        description=sheet.text("description", missing=N_("Say in a sentence or two what it is.")),
        accent=accent or "#1f5c4d",
        language=sheet.shaped("language", "language", N_("Give a language by its code, such as en.")) or "en",
        jurisdiction=jurisdiction or None,
    )
    sheet.check()
    return found


def values_of_program(one: Program) -> dict[str, str]:
    """A program as its form shows it."""
    return {
        "program_slug": one.slug, "name": one.name, "description": one.description, "accent": one.accent,
        "language": one.language, "jurisdiction": one.jurisdiction or "",
    }  # fmt: skip


def level(sheet: Sheet, of: Program, *, level_id: UUID, others: Sequence[Level]) -> Level:
    """A level as its form has it, without what it awards. InvalidInputError for everything that does not fit."""
    required = sheet.raw("requires")
    known = {str(one.id): one.id for one in others}
    if required and required not in known:
        sheet.wrong("requires", N_("Choose one of these."))
    return Level(
        id=level_id,
        organization_id=of.organization_id,
        program_id=of.id,
        number=sheet.number("number", least=1, most=100),
        name=sheet.line("name", missing=N_("Give the level a name.")),
        description=sheet.text("description", missing=N_("Say in a sentence or two what it is.")),
        requires_level_id=known.get(required),
    )


def achievement(
    sheet: Sheet, of: Program, at: Level, *, rubrics: Sequence[Rubric | None], before: AchievementVersion | None,
    builds_on: Level | None = None,
) -> AchievementVersion | None:  # fmt: skip
    """The badge that a level's form describes, with the results of its rubrics; None while the level awards none.

    `builds_on` is the level that is required, whose badge this one then names.

    What the form does not have stays as in the version `before`, which it is where that says all. InvalidInputError.
    """
    if not sheet.raw("badge_name") and not sheet.raw("badge_criteria") and before is None:
        sheet.check()
        return None
    kind = sheet.choice("badge_type", get_args(AchievementType))
    fields = {
        "name": sheet.line("badge_name", missing=N_("Give the badge a name.")),
        "description": sheet.text("badge_description"),
        "criteria": sheet.text("badge_criteria", missing=N_("Say how it is earned.")),
        "achievement_type": kind,
        "language": of.language,
        "program_name": of.name,
        "level_name": at.name,
        "accent": of.accent,
    }
    known = () if before is None else before.alignments
    aligned, tags = alignments.read(sheet, "badge_alignments", before=known), _tags(sheet)
    sheet.check()
    kept = {} if before is None else msgspec.to_builtins(before)
    kept.pop("result_descriptions", None)
    content = msgspec.structs.replace(
        msgspec.convert({**kept, **fields}, AchievementVersion),
        alignments=aligned,
        tags=tags,
        related=_related(builds_on),
    )
    needed = result_descriptions(rubrics)
    if before is not None and says_the_same(content, before) and describing(before, needed) == before:
        return before
    return describing(content, needed)


def _tags(sheet: Sheet) -> tuple[str, ...]:
    text = sheet.line("badge_tags", missing=None, most=1_000)
    found = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    if len(found) > _MOST_TAGS:
        sheet.wrong("badge_tags", said("Use at most %(most)s words.", most=_MOST_TAGS))
    if any(len(one) > _LONGEST_TAG for one in found):
        sheet.wrong("badge_tags", said("Use at most %(most)s characters.", most=_LONGEST_TAG))
    return found[:_MOST_TAGS]


def _related(builds_on: Level | None) -> tuple[RelatedAchievement, ...] | UnsetType:
    if builds_on is None or builds_on.achievement_id is None or builds_on.achievement_version is None:
        return UNSET
    return (RelatedAchievement(achievement_id=builds_on.achievement_id, version=builds_on.achievement_version),)


def values_of_level(one: Level) -> dict[str, str]:
    """A level as its form shows it."""
    content = one.achievement_content
    return {
        "number": str(one.number),
        "name": one.name,
        "description": one.description,
        "requires": str(one.requires_level_id or ""),
        "badge_name": content.name if content else "",
        "badge_description": content.description if content else "",
        "badge_criteria": content.criteria if content else "",
        "badge_type": content.achievement_type if content else "MicroCredential",
        "picture_caption": content.picture.caption if content and content.picture else "",
        "badge_alignments": alignments.written(content.alignments) if content else "",
        "badge_tags": ", ".join(content.tags) if content else "",
    }


def curriculum(
    sheet: Sheet, *, curriculum_id: UUID, organization_id: UUID, level_id: UUID, before: Curriculum | None = None
) -> Curriculum:
    """A curriculum as its form has it, whose rubrics keep the ids of `before`; a row without a name is left out.

    InvalidInputError.
    """
    name = sheet.line("name", missing=N_("Give the curriculum a name."))
    known = {one.id: one.rubric for one in (before.modules if before is not None else ())}
    taken = {one.id for rubric in known.values() if rubric is not None for one in rubric.criteria}
    modules = []
    for number in range(1, MOST_MODULES + 1):
        if sheet.raw(f"name-{number}"):
            modules.append(made := _module(sheet, number, known, taken))
            taken |= {one.id for one in made.rubric.criteria} if made is not None and made.rubric is not None else set()
    sheet.check()
    return Curriculum(
        id=curriculum_id,
        organization_id=organization_id,
        level_id=level_id,
        name=name,
        modules=tuple(one for one in modules if one is not None),
    )


def _module(sheet: Sheet, number: int, known: Mapping[UUID, Rubric | None], taken: Collection[str]) -> Module | None:
    name, rubric, field = sheet.line(f"name-{number}"), None, f"rubric-{number}"
    try:
        identifier = UUID(sheet.raw(f"module-{number}"))
    except ValueError:
        sheet.wrong("name", N_("Load the page again, and write it once more."))
        return None
    try:
        text = sheet.text(field, missing=None)
        rubric = written(text, field=field, module=name, before=known.get(identifier), taken=taken)
    except InvalidInputError as error:
        for wrong, sentence in error.errors:
            sheet.wrong(wrong, sentence)
    description, evidence = sheet.text(f"description-{number}"), sheet.text(f"evidence-{number}")
    in_person = sheet.text(f"in_person-{number}", missing=None)
    virtual = sheet.text(f"virtual-{number}", missing=None)
    return Module(
        id=identifier,
        name=name,
        description=description,
        evidence_wanted=evidence,
        activity_in_person=in_person or None,
        activity_virtual=virtual or None,
        rubric=rubric,
    )


def values_of_curriculum(one: Curriculum) -> dict[str, str]:
    """A curriculum as its form shows it."""
    values = {"name": one.name}
    for number, module in enumerate(one.modules, start=1):
        shown = (
            module.name, module.description, module.evidence_wanted, module.activity_in_person or "",
            module.activity_virtual or "", lines(module.rubric),
        )  # fmt: skip
        values |= {f"{field}-{number}": text for field, text in zip(_ROW, shown, strict=True)}
        values[f"module-{number}"] = str(module.id)
    return values


def rows_of(sheet: Sheet, *, known: int) -> int:
    """How many rows of modules a page has: those there are or were sent, and two more."""
    sent = [int(key[5:]) for key in sheet.values if key.startswith("name-") and key[5:].isdigit() and sheet.raw(key)]
    return min(MOST_MODULES, max([known, *sent]) + 2)
