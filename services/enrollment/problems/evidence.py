"""The errors of evidence as problems."""

from services.enrollment.evidence import model as evidence
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    evidence.EvidenceExistsError: ProblemType(
        code="evidence-exists",
        status=409,
        title="The id belongs to evidence with other content",
        advice="Hand in under a new id.",
    ),
    evidence.EvidenceStandsError: ProblemType(
        code="evidence-stands",
        status=409,
        title="Something was handed in for this module",
        advice="Wait for its review; once it is returned, hand in again.",
    ),
    evidence.NotTakingPartError: ProblemType(
        code="not-taking-part",
        status=409,
        title="Only who has a seat hands in evidence",
        advice="Take a seat in the cohort first; nothing is handed in once it is cancelled.",
    ),
    evidence.SelfReviewError: ProblemType(
        code="self-review",
        status=409,
        title="Nobody reviews their own evidence",
        advice="Ask another instructor or a coordinator.",
    ),
    evidence.AlreadyReviewedError: ProblemType(
        code="already-reviewed",
        status=409,
        title="The evidence was reviewed otherwise before",
        advice="Read `state`. What was returned stays so: the participant hands in again.",
    ),
    evidence.EvidenceRemovedError: ProblemType(
        code="evidence-removed",
        status=409,
        title="The content was taken away because it held students' data",
        advice="The decision about it stays; the participant hands in again where it was returned.",
    ),
}
