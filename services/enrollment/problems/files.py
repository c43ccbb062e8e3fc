"""The errors of kept files as problems."""

from shared import storage
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    storage.FileLostError: ProblemType(
        code="file-lost",
        status=500,
        title="The file is no longer where it was kept",
        advice="Tell whoever runs Laurel, who can give it back from a backup; or let it be handed in again.",
    ),
    storage.TooLargeError: ProblemType(
        code="file-too-large", status=413, title="The file is too large", advice="Send at most `most_bytes` bytes."
    ),
}
