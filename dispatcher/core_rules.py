"""The real core, as the shell is handed it."""

from dispatcher.core.decide import DECIDER, decide
from dispatcher.core.desk import Desk, dump, empty_desk, load
from dispatcher.core.evolve import FOLD_VERSION, evolve
from dispatcher.core.insertion import warm_up
from dispatcher.rules import Rules


def core_rules() -> Rules[Desk]:
    """`dispatcher.core` with the versions of its rules and of its fold, its compiled code at hand."""
    warm_up()
    return Rules(
        decide=decide,
        evolve=evolve,
        empty=empty_desk,
        dump=dump,
        load=load,
        decider=DECIDER,
        fold_version=FOLD_VERSION,
    )
