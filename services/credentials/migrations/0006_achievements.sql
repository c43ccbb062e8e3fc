-- Pictures that were uploaded for achievements, by the SHA-256 of what was sent. The files are in the storage folder.

CREATE TABLE achievement_picture (
    issuer_id uuid NOT NULL REFERENCES issuer,
    sha256 text NOT NULL,
    png_id uuid NOT NULL,
    svg_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (issuer_id, sha256),
    CONSTRAINT achievement_picture_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$')
);

GRANT SELECT, INSERT ON achievement_picture TO issuer;
GRANT SELECT ON achievement_picture TO public_reader;
