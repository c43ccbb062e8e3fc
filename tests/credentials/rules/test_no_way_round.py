"""No path to a signature goes round the rules: who may hold private keys, sign, or give permits, read from code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KEYS = "services/credentials/keys/"
#: Names that reach a bare signature, and the only files in which each may stand.
ONLY_IN = {
    "sign_bytes": {f"{KEYS}custody.py", f"{KEYS}signer.py"},
    # What makes a permit.
    "give_permit": {"services/credentials/rules/permit.py", "services/credentials/rules/book.py"},
    "_SEAL": {"services/credentials/rules/permit.py"},
    # What makes a proof or a token of whatever it is given.
    "data_integrity.create": {f"{KEYS}signer.py"},
    "vc_jwt.create": {f"{KEYS}signer.py"},
    "_unsealed": {f"{KEYS}custody.py"},
    "_custody": {f"{KEYS}signer.py"},
}
#: What `cryptography` calls private keys; of services' tokens and webhooks, which are no documents, beside.
PRIVATE = ("PrivateKey", "private_key", "private_bytes")
MAY_HOLD_PRIVATE_KEYS = {
    f"{KEYS}custody.py",
    # An anchor signs the history of keys, by the command alone.
    f"{KEYS}anchor.py",
    "shared/tokens.py",
}


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that code uses: by itself, behind a dot (with what stands before it), or imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
            if isinstance(node.value, ast.Name):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").rpartition(".")[2]
            for one in node.names:
                yield one.name
                yield f"{module}.{one.name}"
                if one.asname is not None and f"{module}.{one.name}" not in ONLY_IN:
                    yield one.asname
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            # getattr(custody, "sign_bytes")
            yield node.value


def strays(file: str, tree: ast.AST) -> list[str]:
    """The names in a file that must not stand there."""
    used = set(names(tree))
    found = [name for name, places in ONLY_IN.items() if name in used and file not in places]
    if file not in MAY_HOLD_PRIVATE_KEYS:
        found += sorted(name for name in used if name.endswith(PRIVATE) and not name.startswith("load_pem_public"))
    return found


@cache
def sources() -> list[tuple[str, ast.AST]]:
    """What runs in the credential service; no other service may import it."""
    paths = [path for folder in ("services/credentials", "shared") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())) for path in paths]


def test_only_the_door_signs_and_only_the_rules_give_permits() -> None:
    found = [f"{file}: {name}" for file, tree in sources() for name in strays(file, tree)]
    assert found == []


def test_only_the_process_that_makes_keys_imports_what_holds_them() -> None:
    importers = {
        file
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (
            node.module == "services.credentials.keys.custody"
            or (node.module == "services.credentials.keys" and any(one.name == "custody" for one in node.names))
        )
    }
    outside = {file for file in importers if not file.startswith(KEYS)}
    # The log signs its heads, by keys that sign nothing else.
    assert outside <= {"services/credentials/issuer/house.py", "services/credentials/issuance_log/actions.py"}


@pytest.mark.parametrize(
    "code",
    [
        "desk.signer._custody.sign_bytes(held, b'x')",
        "getattr(custody, 'sign_bytes')(held, b'x')",
        "from services.credentials.rules.permit import give_permit",
        "from services.credentials.rules.permit import give_permit as give",
        "from services.credentials.rules import permit\npermit.give_permit(draft, content)",
        "from services.credentials.proofs import data_integrity\ndata_integrity.create(document, sign=sign)",
        "from services.credentials.proofs.vc_jwt import create as make",
        "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey",
        "from cryptography.hazmat.primitives.serialization import load_der_private_key as load",
        "Permit(permit._SEAL, draft, content)",
    ],
)
def test_a_way_round_is_seen(code: str) -> None:
    """The control: code that goes round is found."""
    assert strays("services/credentials/awards/actions.py", ast.parse(code))
