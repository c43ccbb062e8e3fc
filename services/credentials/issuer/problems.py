"""Each error of the issuer role and the RFC 9457 problem it becomes."""

from services.credentials.achievements import model as achievements
from services.credentials.awards import model as awards
from services.credentials.keys import model as keys
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.records import model as records
from services.credentials.rules import model as rules
from shared.limited import LimitedPoolBusyError
from shared.problems import ProblemType, Table

_UNSIGNABLE = ProblemType(
    code="not-signable",
    status=422,
    title="This cannot be signed as it stands",
    advice="Nothing was signed or kept. Mend what `rule` or `code`, and `where`, name and send it again.",
)

PROBLEMS: Table = {
    keys.UnknownIssuerError: ProblemType(
        code="unknown-issuer",
        status=409,
        title="The organization has no issuer yet",
        advice="PUT /issuers/{organization_id} first.",
        retry_after=1,
    ),
    achievements.UnknownAchievementError: ProblemType(
        code="unknown-achievement",
        status=409,
        title="The issuer has no such version of the achievement yet",
        advice="PUT /achievements/{id}/versions/{n} first.",
        retry_after=1,
    ),
    achievements.VersionChangedError: ProblemType(
        code="version-changed",
        status=409,
        title="This version exists with other content",
        advice="A version never changes. Give the change a new number.",
    ),
    achievements.UnknownPictureError: ProblemType(
        code="unknown-picture",
        status=409,
        title="The issuer has no such picture yet",
        advice="PUT /images/{sha256} first.",
        retry_after=1,
    ),
    achievements.PictureRefusedError: ProblemType(
        code="picture-refused",
        status=422,
        title="This is no picture that a badge can have",
        advice="Send a PNG or SVG of 128 to 4,096 pixels a side, at most 1 MiB, that shows something by itself.",
    ),
    LimitedPoolBusyError: ProblemType(
        code="busy",
        status=503,
        title="Too many pictures are being looked into",
        advice="Send it again in a moment.",
        retry_after=2,
    ),
    awards.AwardChangedError: ProblemType(
        code="award-changed",
        status=422,
        title="This award id was asked for with another request",
        advice="Nothing was changed. Send what was sent first, or a new award under a new id.",
    ),
    awards.AwardExistsError: ProblemType(
        code="award-exists",
        status=409,
        title="This achievement was awarded for this enrollment under another id",
        advice="Use the award that `award_id` names.",
    ),
    awards.AwardErasedError: ProblemType(
        code="award-erased",
        status=410,
        title="The award was erased for good",
        advice="Ask for nothing under this id any more.",
    ),
    awards.AwardInProgressError: ProblemType(
        code="award-in-progress",
        status=409,
        title="The award is being signed just now",
        advice="Send the same request again in a moment.",
        retry_after=1,
    ),
    keys.SignatureRefusedError: ProblemType(
        code="signature-refused",
        status=503,
        title="What was signed does not verify",
        advice="Nothing was stored. Try again; if it stays, check the signing key.",
        retry_after=30,
    ),
    rules.RulesRefusedError: _UNSIGNABLE,
    **{
        kind: ProblemType(
            code="not-permitted",
            status=500,
            title="The signer was asked for what was not examined",
            advice="Nothing was signed. Tell us: this is a mistake in our program.",
        )
        for kind in (rules.PermitError, keys.CheckpointError)
    },
    records.RecordChangedError: ProblemType(
        code="record-changed",
        status=422,
        title="This record id was asked for with another request",
        advice="Nothing was changed. Send what was sent first, or a new record under a new id.",
    ),
    records.RecordOverError: ProblemType(
        code="record-over",
        status=410,
        title="The record was withdrawn for good",
        advice="Ask for nothing under this id any more.",
    ),
    JsonLdError: _UNSIGNABLE,
    UnknownContextError: _UNSIGNABLE,
    TooComplexError: _UNSIGNABLE,
}
