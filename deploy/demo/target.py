"""Where the story is played: a stack's addresses, and the commands that only its own machine can run."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.demo import story
from deploy.local.environment import ROLES, Environment
from deploy.local.processes import ROOT
from deploy.local.terminal import StackError

_NOT_ANYTHING = 1


@dataclass(frozen=True)
class Target:
    """A running stack."""

    enrollment: str
    public: str
    #: The settings of the enrollment service, for its commands.
    settings: Mapping[str, str]

    @classmethod
    def of(cls, environment: Environment) -> "Target":
        """The stack that runs with this environment."""
        return cls(
            enrollment=environment.addresses.url("enrollment"),
            public=environment.addresses.url("public"),
            settings=environment.for_role(ROLES[0]),
        )

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`python -m services.enrollment ...` with the stack's settings."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "services.enrollment", *arguments],
            env={**self.settings, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def staff_link(self) -> str:
        """A one-time sign-in link for the demonstration's administrator; begins the organization if it is not there."""
        given = ("--organization", story.SLUG, "--email", story.ADMINISTRATOR)
        found = self.command("sign-in-link", *given)
        if found.returncode == _NOT_ANYTHING and "no organization" in found.stderr:
            found = self.command(
                *("organization", "create", "--demonstration", "--slug", story.SLUG, "--name", story.ORGANIZATION),
                *("--url", story.URL, "--time-zone", story.ZONE, "--administrator", story.ADMINISTRATOR),
                *("--administrator-name", story.ADMINISTRATOR_NAME, "--description", story.PROGRAM_DESCRIPTION),
            )
        if found.returncode != 0:
            raise StackError(f"The demonstration cannot sign in its staff: {found.stderr.strip()[-300:]}")
        return found.stdout.strip()

    def token(self) -> str:
        """A service token for the demonstration's event feed."""
        found = self.command("token", "--organization", story.SLUG)
        if found.returncode != 0:
            raise StackError(f"No service token was minted: {found.stderr.strip()[-300:]}")
        return found.stdout.strip()
