"""What a badge tells of results: descriptions on its achievement, and what its holder achieved of them. Pure."""

from collections.abc import Hashable, Iterator

from msgspec import UnsetType

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.proofs.template import Path
from shared.contracts import AchievementVersion, AwardRequest, ResultClaim, ResultDescription, ResultLevel


def described(content: AchievementVersion) -> tuple[ResultDescription, ...]:
    """The results that badges of this version may tell."""
    return () if isinstance(content.result_descriptions, UnsetType) else content.result_descriptions


def claimed(request: AwardRequest) -> tuple[ResultClaim, ...]:
    """What is told of this holder."""
    return () if isinstance(request.results, UnsetType) else request.results


def told(request: AwardRequest, content: AchievementVersion) -> Iterator[tuple[str, str]]:
    """Each claim in words, as the name of what is described and what was achieved of it."""
    known = {one.id: one for one in described(content)}
    for claim in claimed(request):
        description = known[claim.description_id]
        level, most = _level(description, claim.level_id), _most_points(description)
        points = None if level is None or level.points is None or not most else f"{level.points}/{most}"
        parts = (level.name if level is not None else None, points, claim.value)
        yield description.name, ", ".join(part for part in parts if part)


def problems_of_claims(request: AwardRequest, content: AchievementVersion) -> list[tuple[str, str]]:
    """What keeps results from being told, as (field, sentence) pairs: the achievement's version describes each."""
    known = {one.id: one for one in described(content)}
    claims = claimed(request)
    found = []
    if len({one.description_id for one in claims}) < len(claims):
        found.append(("results", "Tell each result once."))
    for claim in claims:
        if claim.description_id not in known:
            found.append(("results", f"The achievement's version describes no result {claim.description_id}."))
        elif claim.level_id is None and claim.value is None:
            found.append(("results", f"Give a level or a value of the result {claim.description_id}."))
        elif claim.level_id is not None and _level(known[claim.description_id], claim.level_id) is None:
            found.append(("results", f"The result {claim.description_id} has no level {claim.level_id}."))
    return found


def description(found: ResultDescription, url: str) -> JsonObject:
    """A `ResultDescription` of Open Badges 3.0; `url` is the achievement version's."""
    made: JsonObject = {
        "id": result_address(url, found.id),
        "type": ["ResultDescription"],
        "name": found.name,
        "resultType": found.result_type,
    }
    if most := _most_points(found):
        made["valueMax"] = str(most)
    if found.levels:
        made["rubricCriterionLevel"] = [_rubric_level(one, url, found.id) for one in found.levels]
    return made


def _rubric_level(level: ResultLevel, url: str, description_id: str) -> JsonObject:
    made: JsonObject = {
        "id": level_address(url, description_id, level.id),
        "type": ["RubricCriterionLevel"],
        "name": level.name,
    }
    if level.description is not None:
        made["description"] = level.description
    if level.points is not None:
        made["points"] = str(level.points)
    return made


def result(claim: ResultClaim, url: str) -> JsonObject:
    """A `Result` of Open Badges 3.0."""
    made: JsonObject = {"type": ["Result"], "resultDescription": result_address(url, claim.description_id)}
    if claim.level_id is not None:
        made["achievedLevel"] = level_address(url, claim.description_id, claim.level_id)
    if claim.value is not None:
        made["value"] = claim.value
    return made


def shape(request: AwardRequest) -> Hashable:
    """What else than the values at `varying` the results depend on."""
    return tuple((one.description_id, one.level_id is None, one.value is None) for one in claimed(request))


def varying(request: AwardRequest) -> list[Path]:
    """The places of the values that differ between badges of one shape."""
    found: list[Path] = []
    for number, claim in enumerate(claimed(request)):
        if claim.level_id is not None:
            found.append(("credentialSubject", "result", number, "achievedLevel"))
        if claim.value is not None:
            found.append(("credentialSubject", "result", number, "value"))
    return found


def result_address(url: str, description_id: str) -> str:
    """What a result is called in badges; keys hold no slash, so no result is called like a level."""
    return f"{url}#result/{description_id}"


def level_address(url: str, description_id: str, level_id: str) -> str:
    """What a level of a result is called in badges."""
    return f"{url}#result/{description_id}/{level_id}"


def _most_points(found: ResultDescription) -> int:
    """The points of its best level; 0 where levels have none."""
    return max((one.points or 0 for one in found.levels), default=0)


def _level(found: ResultDescription, level_id: str | None) -> ResultLevel | None:
    return next((one for one in found.levels if one.id == level_id), None)
