"""How bad a seed's world is: each number is the chance that one thing goes wrong, one time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Temper:
    """Chances in [0, 1]. Of a request: `lost`, `deaf` (taken, its answer lost), `late` (it arrives when nobody waits for it any
    more), `twice`, `crossed` (answered with an earlier request's answer: a proxy that has lost count), `broken` (an answer that
    is no hub's). `haunted`: an old copy of the hub answers while there is one. `peril`: the power fails at one step of the
    journal. `fragile`: the hub dies when it has committed. `odd`: a terminal that does not say what became of a sale."""

    lost: float = 0
    deaf: float = 0
    late: float = 0
    twice: float = 0
    crossed: float = 0
    broken: float = 0
    haunted: float = 0
    peril: float = 0
    fragile: float = 0
    odd: float = 0


CALM = Temper(haunted=0)


def drawn(chance: Random) -> Temper:
    """A temper of this seed: most things work, and some things are terrible."""

    def one(most: float) -> float:
        return chance.choice((0, 0, most / 4, most))

    return Temper(
        lost=one(0.3),
        deaf=one(0.4),
        late=one(0.3),
        twice=one(0.4),
        crossed=one(0.4),
        broken=one(0.2),
        haunted=chance.choice((0.2, 0.5, 0.8)),
        peril=one(0.03),
        fragile=one(0.1),
        odd=chance.choice((0.1, 0.3, 0.6)),
    )
