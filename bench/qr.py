"""What a scanned code costs on a phone: JavaScript before the verdict, and the time to it.

A real Chromium with a processor four times slower opens what the QR code opens over a slow
mobile line (`qr_s`) and over a usual one (`qr_4g_s`), with an empty cache, as often as asked
(`bench/qr.py 7`). The last line is one JSON object; a time is the best of all rounds, because
only noise makes a round slower.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, sync_playwright

from tests import judges
from tests.journeys.scanning import scanning_site

ROUNDS = 5
SLOWER = 4
Line = Mapping[str, float | bool]
SLOW_LINE: Line = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 768_000 / 8,
}
"""Fast 3G as web page tests define it: 150 ms, 1.6 and 0.768 Mbit/s."""
USUAL_LINE: Line = {
    "offline": False,
    "latency": 70,
    "downloadThroughput": 12_000_000 / 8,
    "uploadThroughput": 12_000_000 / 8,
}
"""4G (LTE) as web page tests define it: 70 ms, 12 Mbit/s."""
VERDICT = "() => performance.getEntriesByName('verdict')[0]?.startTime"
SCRIPTS = (
    "(end) => performance.getEntriesByType('resource')"
    ".filter((one) => one.startTime < end && one.name.endsWith('.js'))"
    ".map((one) => one.encodedBodySize)"
)
"""The size of each in gzip, as it came."""


def once(browser: Browser, link: str, over: Line) -> tuple[float, list[int], int]:
    """Seconds to the verdict, scripts loaded before it, and bytes that came over the line."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-NL")
    page = context.new_page()
    line = context.new_cdp_session(page)
    received: list[dict[str, Any]] = []
    line.on("Network.loadingFinished", lambda one: received.append(one))  # noqa: PLW0108 - the library marks what it is given
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", dict(over))
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(link, wait_until="commit")
    page.wait_for_function(VERDICT, timeout=120_000)
    assert page.locator("[data-code=QR_GENUINE_COMPARE]").count(), page.content()
    end = page.evaluate(VERDICT)
    scripts = page.evaluate(SCRIPTS, end)
    context.close()
    return end / 1000, scripts, sum(int(one["encodedDataLength"]) for one in received)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    program = judges.browser()
    with tempfile.TemporaryDirectory() as home, scanning_site(Path(home)) as site:
        site.statuses.known["K7QD-3MXF-9TRA"] = "good"
        link = site.link(site.code())
        with sync_playwright() as player:
            browser = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
            seen = [once(browser, link, SLOW_LINE) for _ in range(rounds)]
            usual = [once(browser, link, USUAL_LINE)[0] for _ in range(rounds)]
            browser.close()
    seconds, scripts, received = min(seen)
    print(f"{len(scripts)} scripts, {received / 1000:.0f} kB over the line, rounds:")
    print("slow line: ", ", ".join(f"{one[0]:.2f} s" for one in seen))
    print("usual line:", ", ".join(f"{one:.2f} s" for one in usual))
    figures = {
        "qr_js_kb": round(sum(scripts) / 1000, 1),
        "qr_s": round(seconds, 2),
        "qr_4g_s": round(min(usual), 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
