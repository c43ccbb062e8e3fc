"""The machine that plays staff and people at two cohorts at random, and compares the database with `hall.py`."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from services.enrollment.admission.model import Invitation, Rules
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Listing
from services.enrollment.enrollments import actions, moving, ruling
from services.enrollment.enrollments.model import (
    ANOTHER_REGION,
    AlreadyThereError,
    Application,
    NoSeatThereError,
    NoTransferError,
    OfferOverError,
    RegistrationClosedError,
    SeatsHeldError,
)
from services.enrollment.enrollments.seats import offers
from services.enrollment.notices.model import Mail
from shared.problems import InvalidInputError
from shared.sealing import unseal
from tests.enrollment.enrollments.ground import BEGIN, Ground, prepared, rules_of
from tests.enrollment.enrollments.hall import REGIONS, Hall, Town

CODE = "JOINUS"
CODE_USES = 3
PEOPLE = st.sampled_from(sorted(REGIONS))
HALLS = st.integers(0, 1)


class Places(RuleBasedStateMachine):
    """People and staff at two cohorts; after every step the database is as the oracle says."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.house, self.run = self.ground.house, self.ground.loop.run
        self.ground.clock.now = BEGIN
        self.organization, self.cohorts = self.run(prepared(self.house))
        self.town = Town(BEGIN)
        self.halls = [Hall(one.name, self.town, seats=0) for one in self.cohorts]
        self.uses = 0
        self.listings: list[Listing] = []

    @initialize(
        seats=st.tuples(st.integers(1, 4), st.integers(0, 3)),
        rules=rules_of(),
        members=st.sets(PEOPLE),
        crowd=st.permutations(sorted(REGIONS)),
    )
    def begin(self, seats: tuple[int, int], rules: Rules, members: set[str], crowd: list[str]) -> None:
        for number in (0, 1):
            self._seats(number, seats[number])
            self.listings.append(self._run_found(self._listing(number)))
            self.run(ruling.put_invitation(self.house, self.organization.id, self._invitation(number)))
        for who in crowd[:7]:
            self.enroll(0, who, has_code=False)
        self.set_rules(0, rules)
        self.set_members(members)
        for who in [one for one in crowd if one in self.halls[0].seated][:2]:
            self._withdraw(0, who)

    # people

    @rule(hall=HALLS, who=PEOPLE, has_code=st.booleans())
    def enroll(self, hall: int, who: str, has_code: bool) -> None:
        found, policy = self.halls[hall], self.halls[hall].policy
        wish = Application(
            id=uuid4(),
            name=who.title(),
            email=f"{who}@example.org",
            shows_name=True,
            region=REGIONS[who] if REGIONS[who] in policy.quotas else ANOTHER_REGION,
            code=CODE if has_code else None,
        )
        asked = actions.enroll(self.house, self.organization, self.listings[hall], wish)
        uses = len(found.invited)
        if found.state != "open":
            with pytest.raises(RegistrationClosedError):
                self.run(asked)
            return
        if (policy.needs_code and not has_code) or (has_code and uses >= CODE_USES):
            with pytest.raises(InvalidInputError):
                self.run(asked)
            return
        answer = self.run(asked)
        if found.has(who):
            self._enrolled_again(found, who)
        else:
            found.queue(who, region=REGIONS[who] if REGIONS[who] in policy.quotas else None)
            if has_code:
                found.invited[who] = CODE
            found.rest(newcomers=frozenset({who}))
            subject = "We have your application for %s" if found.is_silent() else "Waiting list of %s"
            found.write(who, "Your seat in %s" if who in found.seated else subject)
            wanted = "seated" if who in found.seated else "in line"
            assert answer.place == ("noted" if found.is_silent() else wanted)
            assert answer.in_line_before == (len(found.line) - 1 if answer.place == "in line" else None)
        self._same()

    def _enrolled_again(self, found: Hall, who: str) -> None:
        last = found.told_again.get(who)
        if last is None or last < self.town.now - timedelta(hours=1):
            found.told_again[who] = self.town.now
            found.write(who, "You are already enrolled in %s")
        found.rest()

    @precondition(lambda self: any(hall.holders for hall in self.halls))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self._withdraw(*self._one(data, lambda hall: [*hall.holders, *hall.line]))

    def _withdraw(self, hall: int, who: str) -> None:
        found = self.halls[hall]
        self.run(actions.withdraw(self.house, self.organization.id, self._id(hall, who)))
        found.drop(who, "withdrew")
        found.write(who, "You left %s")
        found.rest()
        self._same()

    @precondition(lambda self: any(hall.offered for hall in self.halls))
    @rule(data=st.data(), accepts=st.booleans(), before=st.sampled_from([None, 1, 0]))
    def answer(self, data: st.DataObject, accepts: bool, before: int | None) -> None:
        hall, who = self._one(data, lambda hall: hall.offered)
        found = self.halls[hall]
        if before is not None:  # that many minutes before it ends
            wait = found.offered[who] - timedelta(minutes=before) - self.town.now
            self.advance(max(0, int(wait / timedelta(minutes=1))))
        verb = offers.accept if accepts else offers.decline
        asked = verb(self.house, self.organization.id, self._id(hall, who), of=found.offered[who])
        if found.offered[who] <= self.town.now:
            with pytest.raises(OfferOverError):
                self.run(asked)
            return
        self.run(asked)
        if accepts:
            del found.offered[who]
            found.seated.add(who)
            found.write(who, "Your seat in %s")
        else:
            found.drop(who, "declined")
            found.write(who, "You declined the seat in %s")
        found.rest()
        self._same()

    # time

    @rule(minutes=st.sampled_from([1, 30, 60, 24 * 60 - 1, 24 * 60, 72 * 60]))
    def advance(self, minutes: int) -> None:
        self.town.now += timedelta(minutes=minutes)
        self.ground.clock.now = self.town.now

    @precondition(lambda self: any(hall.offered for hall in self.halls))
    @rule(hours=st.sampled_from([24, 72, 12]))
    def let_time_pass(self, hours: int) -> None:
        self.advance(hours * 60)
        self.tick()

    @rule()
    def tick(self) -> None:
        self.run(offers.run_clock(self.house))
        for hall in self.halls:
            hall.rest()
        self._same()
        self._at_rest()

    # staff

    @precondition(lambda self: any(hall.seated for hall in self.halls))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hall, who = self._one(data, lambda hall: hall.seated)
        found = self.halls[hall]
        asked = moving.release_no_shows(self.house, self.organization.id, self.cohorts[hall].id, [self._id(hall, who)])
        assert self.run(asked) == 1
        found.drop(who, "no-show")
        found.write(who, "Your seat in %s was given up")
        found.rest()
        self._same()

    @rule(hall=HALLS, group=st.sets(PEOPLE, min_size=1, max_size=3))
    def transfer(self, hall: int, group: set[str]) -> None:
        here, there = self.halls[hall], self.halls[1 - hall]
        group = {one for one in group if here.has(one)}
        if not group:
            return
        chosen = [self._id(hall, one) for one in sorted(group)]
        asked = moving.transfer(
            self.house, self.organization.id, self.cohorts[hall].id, chosen, to=self.cohorts[1 - hall].id
        )
        if there.state not in ("open", "running"):
            with pytest.raises(NoTransferError):
                self.run(asked)
            return
        if any(there.has(one) for one in group):
            with pytest.raises(AlreadyThereError):
                self.run(asked)
            return
        self._move(hall, group, asked)

    def _move(self, hall: int, group: set[str], asked: Coroutine[Any, Any, int]) -> None:
        """The oracle moves first: where somebody would lose a seat, nothing may change."""
        here, kept = self.halls[hall], (self._copy(), [*self.town.letters])
        there = self.halls[1 - hall]
        numbers = {one: self._number(hall, one) for one in group}
        had_seat = {one for one in group if one not in here.line}
        order = sorted(had_seat, key=numbers.__getitem__) + [one for one in here.line if one in group]
        for one in order:
            here.drop(one, "transferred")
            region = here.regions.get(one)
            there.queue(one, region=region if region in there.policy.quotas else None)
            there.chosen.add(one)
        there.rest(newcomers=frozenset(group))
        if not had_seat <= there.seated:
            self.halls, self.town.letters = kept[0], kept[1]
            with pytest.raises(NoSeatThereError):
                self.run(asked)
            self._same()
            return
        for one in order:
            there.write(one, "You are in %s now")
        here.rest()
        assert self.run(asked) == len(group)
        self._same()

    @precondition(lambda self: any(hall.line for hall in self.halls))
    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        hall, who = self._one(data, lambda hall: hall.line)
        found = self.halls[hall]
        self.run(moving.select(self.house, self.organization.id, self.cohorts[hall].id, [self._id(hall, who)]))
        found.chosen.add(who)
        found.rest()
        self._same()

    @rule(hall=HALLS, number=st.integers(0, 6))
    def set_seats(self, hall: int, number: int) -> None:
        self._seats(hall, number)
        self._same()

    def _seats(self, hall: int, number: int) -> None:
        found = self.halls[hall]
        asked = actions.set_seats(self.house, self.organization.id, self.cohorts[hall].id, number)
        if number < found.seats - found.free:
            with pytest.raises(SeatsHeldError):
                self.run(asked)
            return
        self.run(asked)
        grows = number > found.seats
        found.seats = number
        if grows:
            found.rest()

    @rule(hall=HALLS, rules=rules_of())
    def set_rules(self, hall: int, rules: Rules) -> None:
        self.run(ruling.set_rules(self.house, self.organization.id, self.cohorts[hall].id, rules))
        self.halls[hall].rules = rules
        self.halls[hall].rest()
        self._same()

    @rule(members=st.sets(PEOPLE, max_size=5))
    def set_members(self, members: set[str]) -> None:
        emails = [f"{one}@example.org" for one in members]
        program = self.run(self._program())
        self.run(ruling.set_members(self.house, self.organization.id, program, emails))
        self.town.members = members
        self.tick()

    @rule(hall=HALLS, state=st.sampled_from(["running", "open", "running", "open", "closed", "closed", "cancelled"]))
    def set_state(self, hall: int, state: Any) -> None:
        found = self.halls[hall]
        if state == "cancelled" and not (hall == 1 and len(found.line) > 1):
            return  # nothing happens in it any more, so not too soon
        allowed = {
            "open": ("running", "closed", "cancelled"),
            "running": ("open", "closed", "cancelled"),
            "closed": ("running",),
        }
        if state not in allowed.get(found.state, ()):
            return
        self.cohorts[hall] = msgspec.structs.replace(self.cohorts[hall], state=state)
        self.run(actions.write_cohort(self.house, self.cohorts[hall]))
        found.state = state
        if state == "cancelled":
            for who in [*found.offered, *found.line]:
                found.drop(who, "cancelled")
                found.write(who, "%s was cancelled")
        found.rest()
        self._same()

    def teardown(self) -> None:
        if self.listings:
            self.tick()
            written = self.run(self._letters())
            assert written == Counter((f"{who}@example.org", subject) for who, subject in self.town.letters)

    # what is so

    def _same(self) -> None:
        """The database holds exactly what the oracle says."""
        for number, hall in enumerate(self.halls):
            rows = self.run(self._rows(number))
            found: dict[str, list[Any]] = {"seated": [], "offered": [], "in line": [], "none": []}
            for row in rows:
                found[row["place"]].append(row)
            assert {row["who"] for row in found["seated"]} == hall.seated
            assert {row["who"]: row["offer_expires_at"] for row in found["offered"]} == hall.offered
            assert [row["who"] for row in found["in line"]] == hall.line
            assert {row["who"]: row["left_because"] for row in found["none"]} == hall.left
            seats = [row["seat_id"] for row in rows if row["seat_id"] is not None]
            assert len(seats) == len(set(seats)) <= hall.seats
            assert len({row["who"] for row in rows}) == len(rows)
            assert {row["who"] for row in rows if row["invitation_id"] is not None} == set(hall.invited)
            assert self.run(self._uses(number)) == len(hall.invited) <= CODE_USES

    def _at_rest(self) -> None:
        """No offer is past its end, and no seat is free while somebody in line may have it."""
        for number, hall in enumerate(self.halls):
            rows = self.run(self._rows(number))
            ends = [row["offer_expires_at"] for row in rows if row["place"] == "offered"]
            assert all(one > self.town.now for one in ends)
            if hall.state in ("open", "running") and hall.free > 0:
                assert not any(hall.may_sit(row["who"]) for row in rows if row["place"] == "in line")

    # means

    def _one(self, data: st.DataObject, group: Callable[[Hall], Iterable[str]]) -> tuple[int, str]:
        """Somebody of a group, and the cohort."""
        chosen = [(number, who) for number, hall in enumerate(self.halls) for who in sorted(group(hall))]
        return data.draw(st.sampled_from(chosen))

    def _copy(self) -> list[Hall]:
        return [
            Hall(
                one.name, self.town, one.seats, one.state, one.rules, {*one.seated}, {**one.offered}, [*one.line],
                {**one.left}, {*one.chosen}, {**one.invited}, {**one.told_again}, {**one.regions},
            )
            for one in self.halls
        ]  # fmt: skip

    def _invitation(self, hall: int) -> Invitation:
        return Invitation(
            id=uuid4(), cohort_id=self.cohorts[hall].id, code=CODE, uses=0, most_uses=CODE_USES, expires_at=None
        )

    def _run_found(self, work: Coroutine[Any, Any, Listing | None]) -> Listing:
        found = self.run(work)
        assert found is not None
        return found

    async def _listing(self, hall: int) -> Listing | None:
        return await cohorts.listing(self.house.pool, self.organization.id, self.cohorts[hall].id)

    async def _program(self) -> UUID:
        found: UUID = await self.house.pool.fetchval(
            "SELECT id FROM program WHERE organization_id = $1", self.organization.id
        )
        return found

    async def _rows(self, hall: int) -> list[Any]:
        return await self.house.pool.fetch(
            "SELECT e.*, split_part(p.email, '@', 1) AS who, s.number FROM enrollment e"
            " JOIN person p ON p.id = e.person_id LEFT JOIN seat s ON s.id = e.seat_id"
            " WHERE e.cohort_id = $1 ORDER BY e.line_rank, e.id",
            self.cohorts[hall].id,
        )

    async def _uses(self, hall: int) -> int:
        uses: int = await self.house.pool.fetchval(
            "SELECT uses FROM invitation WHERE cohort_id = $1", self.cohorts[hall].id
        )
        return uses

    def _id(self, hall: int, who: str) -> UUID:
        found: UUID = next(row["id"] for row in self.run(self._rows(hall)) if row["who"] == who)
        return found

    def _number(self, hall: int, who: str) -> int:
        return next(row["number"] or 0 for row in self.run(self._rows(hall)) if row["who"] == who)

    async def _letters(self) -> Counter[tuple[str, str]]:
        rows = await self.house.pool.fetch(
            "SELECT key, payload FROM outbox WHERE topic = 'mail' AND organization_id = $1", self.organization.id
        )
        opened = [
            msgspec.json.decode(unseal(self.house.sealing_key, row["payload"], belongs_to=str(row["key"])), type=Mail)
            for row in rows
        ]
        return Counter((one.recipient, one.subject) for one in opened)
