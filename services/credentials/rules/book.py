"""The book of rules: every rule there is, and the one way to a permit."""

import msgspec

from services.credentials.rules.model import Draft
from services.credentials.rules.permit import Permit, give_permit


def examine(draft: Draft) -> Permit:
    """The permit to sign this draft, once; RulesRefusedError with every finding where a rule does not accept it."""
    return give_permit(draft, msgspec.json.encode(draft.document))
