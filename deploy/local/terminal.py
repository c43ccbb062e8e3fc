"""What the local commands say: plain lines, and sentences that tell what to do. Standard library only."""

import errno
import sys


class StackError(Exception):
    """The local stack cannot go on; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def say(line: str) -> None:
    """One line of progress or result."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def warn(line: str) -> None:
    """One line about something that needs attention."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def explain(error: OSError) -> str:
    """A sentence for an error of the operating system: a full disk, a missing right."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{where}. Free about one gigabyte and start again; nothing that was stored is lost."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This user may not do that{where}: {error.strerror}. Start as the user who owns this folder."
    return f"{error.strerror or error}{where}."
