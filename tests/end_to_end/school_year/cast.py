"""Who does what in the school year, by number in the demonstration's people. Data only."""

from deploy.demo import story

MARIA, SECOND = 0, 1
#: Give their seats back; of those whom the line offers them, the second declines.
LEAVE, FIRST_IN_LINE, DECLINES, ACCEPTS = (4, 17), 25, 26, 27
#: Moved to the other cohort; the next in line gets the seat.
MOVED, LAST_OFFERED = 20, 28
SEATED = tuple(sorted({*range(story.SEATS), FIRST_IN_LINE, ACCEPTS, LAST_OFFERED} - {*LEAVE, MOVED}))
#: Comes to two sessions only; hand nothing in; is left out of the decision by staff.
ABSENT, WITHOUT_EVIDENCE, LEFT_OUT = 10, (12, 23), 22
AWARDED = tuple(one for one in SEATED if one not in {ABSENT, *WITHOUT_EVIDENCE, LEFT_OUT})
COHORT, PLACE, VIDEO = "Metro East", "Association Hall, Room 2", "https://video.example/level-one"
#: Maria: 20 minutes late to the first session, 112 minutes of the second, all of the others: 2.5 + 1.75 + 3 + 3.
HOURS = "10.25"
