"""Each error of the issuer role and the RFC 9457 problem it becomes."""

from services.credentials.achievements import model as achievements
from services.credentials.awards import model as awards
from services.credentials.awards.copies.holding import HolderNotProvenError
from services.credentials.issuance_log import model as issuance_log
from services.credentials.keys import model as keys
from services.credentials.keys.anchor import AnchorError
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.records import model as records
from services.credentials.rules import model as rules
from services.credentials.status_lists import model as lists
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
    keys.KeyChangedError: ProblemType(
        code="key-changed",
        status=503,
        title="The issuer's keys were changed meanwhile, again and again",
        advice="Nothing was signed. Send the same request again in a moment.",
        retry_after=1,
    ),
    keys.CustodyError: ProblemType(
        code="key-unavailable",
        status=503,
        title="The signing key cannot be used now",
        advice="Nothing was signed. `code` says why; whoever runs the issuer must see to its keys.",
        retry_after=30,
    ),
    AnchorError: ProblemType(
        code="anchor-not-written",
        status=503,
        title="The new issuer's anchor could not be written to its folder",
        advice="No issuer was made. Whoever runs the issuer must see to LAUREL_ANCHOR_FOLDER.",
        retry_after=30,
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
        title="This id was asked for with another request",
        advice="Nothing was changed. Send what was sent first, or something new under a new id.",
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
    awards.AwardNotIssuedError: ProblemType(
        code="award-not-issued",
        status=409,
        title="The award has no signed badge yet",
        advice="Send the same request again when the badge is there.",
        retry_after=1,
    ),
    awards.AwardRevokedError: ProblemType(
        code="award-revoked",
        status=409,
        title="The award is revoked",
        advice="No copy is given of a revoked badge. Ask for nothing under this id any more.",
    ),
    awards.AwardExpiredError: ProblemType(
        code="award-expired",
        status=409,
        title="The badge has expired",
        advice="Renew it first, then send the same request again.",
    ),
    lists.DatabaseBehindError: ProblemType(
        code="database-behind",
        status=503,
        title="The database is older than what was published",
        advice="It was restored from a backup. The issuer's worker takes over what was published; try again then.",
        retry_after=5,
    ),
    HolderNotProvenError: ProblemType(
        code="holder-not-proven",
        status=422,
        title="The answer does not prove that the wallet holds the key of the DID",
        advice="Nothing was signed. `code` says why. Ask for a challenge and sign it with the key of the DID.",
    ),
    issuance_log.LogForkedError: ProblemType(
        code="log-forked",
        status=503,
        title="The log and its copies outside the database differ",
        advice="Nothing was changed. Find out which was tampered with before anything is signed.",
        retry_after=60,
    ),
    keys.WrongUseError: ProblemType(
        code="wrong-key",
        status=503,
        title="The key is not for what it was asked to sign",
        advice="Nothing was signed. A key signs badges or heads of the log, never both: check the issuer's keys.",
        retry_after=30,
    ),
    keys.SignatureRefusedError: ProblemType(
        code="signature-refused",
        status=503,
        title="What was signed does not verify",
        advice="Nothing was stored. Try again; if it stays, check the signing key.",
        retry_after=30,
    ),
    rules.RulesRefusedError: _UNSIGNABLE,
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
    rules.PermitError: ProblemType(
        code="not-permitted",
        status=500,
        title="The signer was asked for what was not examined",
        advice="Nothing was signed. Tell us: this is a mistake in our program.",
    ),
    JsonLdError: _UNSIGNABLE,
    UnknownContextError: _UNSIGNABLE,
    TooComplexError: _UNSIGNABLE,
}
