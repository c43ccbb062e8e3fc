"""`organization create` and `sign-in-link`: what the administrators of an installation do on its terminal."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from uuid import uuid4

from services.enrollment.house import House, open_house
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization, OrganizationExistsError
from services.enrollment.people import actions, store
from services.enrollment.people.model import Person, normalized_email
from services.enrollment.people.sign_in import actions as sign_in
from services.enrollment.settings import EnrollmentSettings
from shared.postgres import UNAVAILABLE, transaction
from shared.problems import InvalidInputError


def organization_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `organization create`."""
    create = parser.add_subparsers(dest="verb", required=True).add_parser("create", help="begin an organization")
    create.add_argument("--slug", required=True, help="first part of its pages' addresses")
    create.add_argument("--name", required=True, help="its full name")
    create.add_argument("--url", required=True, help="its web site")
    create.add_argument("--time-zone", required=True, help="IANA time zone, such as America/Chicago")
    create.add_argument("--administrator", required=True, metavar="EMAIL", help="its first administrator")
    create.add_argument("--administrator-name", default="Administrator", metavar="NAME", help="that person's name")
    create.add_argument("--description", help="a sentence or two for its first page")
    create.add_argument("--demonstration", action="store_true", help="mark all of it as a demonstration")


def link_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sign-in-link`."""
    parser.add_argument("--organization", required=True, metavar="SLUG", help="where to sign in")
    parser.add_argument("--email", required=True, help="whose link it is")


def create_organization(settings: EnrollmentSettings, arguments: argparse.Namespace) -> int:
    """Begin an organization and print a sign-in link for its administrator; 1 with a sentence where it cannot be."""
    organization = Organization(
        id=uuid4(),
        slug=arguments.slug,
        name=arguments.name,
        url=arguments.url,
        description=arguments.description,
        time_zone=arguments.time_zone,
        language="en",
        is_demonstration=arguments.demonstration,
    )

    async def create(house: House) -> str:
        person = await actions.found_organization(
            house.pool,
            organization,
            administrator_name=arguments.administrator_name,
            administrator_email=arguments.administrator,
            now=house.clock(),
        )
        return await _link(house, organization, person)

    return asyncio.run(_run(settings, create))


def print_link(settings: EnrollmentSettings, arguments: argparse.Namespace) -> int:
    """Print a one-time sign-in link for somebody known; 1 with a sentence where there is nobody."""

    async def find(house: House) -> str:
        organization = await organizations.by_slug(house.pool, arguments.organization)
        if organization is None:
            raise InvalidInputError(("organization", "There is no organization of this slug."))
        person = await store.person_by_email(house.pool, organization.id, normalized_email(arguments.email))
        if person is None:
            raise InvalidInputError(("email", "Nobody in this organization has this address."))
        return await _link(house, organization, person)

    return asyncio.run(_run(settings, find))


async def _link(house: House, organization: Organization, person: Person) -> str:
    async with transaction(house.pool) as connection:
        made = await sign_in.make_link(house, connection, person, return_path=f"/{organization.slug}", has_code=False)
    return made.url


async def _run(settings: EnrollmentSettings, make: Callable[[House], Awaitable[str]]) -> int:
    try:
        async with open_house(settings, process="command") as house:
            url = await make(house)
    except InvalidInputError as error:
        sentence = " ".join(f"{field}: {what}" for field, what in error.errors)
    except OrganizationExistsError as error:
        sentence = f"There is an organization {error.slug} already."
    except UNAVAILABLE as error:
        sentence = f"The database cannot be used ({type(error).__name__}). Start it and try again."
    else:
        sys.stdout.write(f"{url}\n")
        return 0
    sys.stderr.write(f"{sentence}\n")
    return 1
