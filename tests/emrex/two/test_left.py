"""A browser that left between the yes and the hand-over: within an hour, and after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from emrex.exchange.store import SqlTransfers
from emrex.exchange.transaction import RETRY, TOTAL, WAITS
from emrex.simulating import Simulation, boxes
from emrex_wiring import exchange_of
from tests.emrex.two.outside import PERSON, SECOND, Holder, Site
from web.i18n import Language, translations, translator

FORMS: dict[str, Callable[[Site], str]] = {
    "1.0": lambda site: str(Simulation(site.browser, "", lambda: datetime.now(UTC)).begin().url),
    "2.0": lambda site: str(Holder(site.browser).arrives(site.emc.address()).url),
}


def left(site: Site, protocol: str) -> str:
    """The page of a transfer that was said yes to and not handed over."""
    address = FORMS[protocol](site)
    holder = Holder(site.browser)
    page = holder.send(site.browser.get(address), "/login", choice="vwo")
    page = holder.send(page, "/selection", **boxes(page.text, "/selection"))
    site.browser.follow_redirects = False
    try:
        assert holder.send(page, "/consent", **boxes(page.text, "/consent")).status_code == 303
    finally:
        site.browser.follow_redirects = True
    return address


def tid_in(address: str) -> str:
    return address.rpartition("/")[2]


def shared(site: Site, address: str) -> str:
    """What the holder's list says of that transfer."""
    receipts = SqlTransfers(site.house.engine).receipts(PERSON["vwo"])
    place = [one.tid for one in receipts].index(tid_in(address)) + 1
    sections = site.browser.get("/en/emrex/receipts").text.split("<section")
    (found,) = [one for one in sections if f'id="shared-{place}"' in one]
    return found


@pytest.mark.parametrize("protocol", FORMS)
def test_who_comes_back_within_an_hour_goes_on(site: Site, protocol: str) -> None:
    """emrex.md 3.2, 4.34; the cookie of the transfer lives as long."""
    address = left(site, protocol)
    assert "Not yet. It waits for your browser for an hour." in shared(site, address)
    assert "/withdraw" not in shared(site, address)
    site.wait(WAITS - SECOND)

    page = site.browser.get(address).text

    assert "Your results are ready" in page
    assert "data-handover" in page


@pytest.mark.parametrize("protocol", FORMS)
def test_who_comes_back_later_is_told_and_sends_nothing(site: Site, protocol: str) -> None:
    """emrex.md 3.2: in three languages; and the receipt does not say that anything was sent."""
    address = left(site, protocol)
    site.wait(WAITS + RETRY + SECOND)
    exchange_of(site.house).tidy()
    assert SqlTransfers(site.house.engine).document(tid_in(address)) is None

    for lang in Language:
        page = site.browser.get(re.sub("/(en|nl|de)/", f"/{lang}/", address, count=1))
        translate = translator(translations(), lang)
        assert page.status_code == 410
        assert translate("This took too long. Nothing was sent") in page.text
        assert translate("Start again at the university if you still want to share.") in page.text
        assert "data-handover" not in page.text
    holder = Holder(site.browser)
    holder.send(holder.arrives(site.emc.address()), "/login", choice="vwo")
    assert "Nothing was sent: nobody came back for it within an hour." in shared(site, address)
    assert "You said yes on" in shared(site, address)
    assert "/withdraw" not in shared(site, address)


def test_the_cookie_of_a_transfer_outlives_what_waits(site: Site) -> None:
    answer = site.browser.post(
        "/emrex/init",
        data={"sessionId": "s", "returnUrl": "https://emc.example.edu/"},
        headers={"Sec-Fetch-Site": "cross-site"},
        follow_redirects=False,
    )

    found = re.search("Max-Age=([0-9]+)", answer.headers["set-cookie"])
    assert found
    assert int(found[1]) > (TOTAL + WAITS).total_seconds()
