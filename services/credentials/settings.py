"""The settings of the credential service: one Struct for each role."""

from typing import Annotated, Literal

import msgspec

from shared.settings import ProcessSettings


class IssuerSettings(ProcessSettings, frozen=True, kw_only=True):
    """What the issuer role and its worker need: the role with keys."""

    service_key_path: Annotated[
        str, msgspec.Meta(description="PEM file of the Ed25519 key that signs this service's tokens")
    ]
    key_encryption_key: Annotated[
        str, msgspec.Meta(description="32 random bytes in base64; seals the signing keys in the database")
    ]
    pictures_folder: Annotated[
        str, msgspec.Meta(description="folder of the pictures that were uploaded for achievements")
    ]
    did_method: Annotated[
        Literal["key", "web"],
        msgspec.Meta(description="DID method of new issuers: `key` embeds the key, `web` lives at the public address"),
    ] = "web"
    published_folder: Annotated[
        str,
        msgspec.Meta(
            description="folder of what was ever published, which a restore adds to and never overwrites; wanted in"
            " production"
        ),
    ] = ""
    anchor_folder: Annotated[
        str,
        msgspec.Meta(description="folder that a new issuer's encrypted anchor is written to once, to be taken away"),
    ] = ""
    anchor_passphrase: Annotated[
        str, msgspec.Meta(description="passphrase that anchors are encrypted with; the command `keys` asks without it")
    ] = ""
    pkcs11_module: Annotated[
        str, msgspec.Meta(description="PKCS#11 library of the token that new signing keys are made on and never leave")
    ] = ""
    pkcs11_token: Annotated[str, msgspec.Meta(description="label of that token")] = "laurel"  # noqa: S105  # a name
    pkcs11_pin: Annotated[str, msgspec.Meta(description="PIN of the token's user")] = ""


class PublicSettings(ProcessSettings, frozen=True, kw_only=True):
    """What the public role needs: it holds no key and opens strangers' files in limited children."""

    pictures_folder: Annotated[str, msgspec.Meta(description="the issuer's folder of pictures; reading it is enough")]
    trust_list_path: Annotated[
        str | None, msgspec.Meta(description="JSON file of further issuers that this installation knows")
    ] = None
    children: Annotated[
        int, msgspec.Meta(ge=1, le=64, description="child processes that parse and canonicalize strangers' files")
    ] = 2
    drawers: Annotated[
        int, msgspec.Meta(ge=1, le=64, description="child processes that draw certificates and pictures")
    ] = 2
