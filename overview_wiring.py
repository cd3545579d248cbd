"""Overviews of an instance: drawn and sealed as its extracts are, by the process with the key."""

from __future__ import annotations

from credentials.extract import Language
from credentials.issuing import Issuer
from credentials.overview_lint import OVERVIEW_LINTS
from credentials.overview_rendering import OverviewRenderer
from credentials.overviewing import Overviews
from credentials.sheet import House
from wiring import ADDRESS_WORDS, Instance, paper_words


def overviews_of(instance: Instance) -> Overviews:
    """Several awards of one holder in one sealed document; opens a key."""
    renderer, ledger, archive = renderer_of(instance), instance.ledger, instance.archive
    issuer = Issuer(renderer.render, instance.sealer, ledger, archive, OVERVIEW_LINTS)
    number = instance.downloads.draw_number
    return Overviews(issuer, ledger, archive, number, instance.clock)


def renderer_of(instance: Instance) -> OverviewRenderer:
    """What draws them, with the words of this instance."""
    settings = instance.settings
    return OverviewRenderer(
        translators=paper_words(),
        houses={
            one: House(settings.issuer, settings.address, ADDRESS_WORDS[one]) for one in Language
        },
    )
