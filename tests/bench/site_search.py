"""Time to the first hit and what is transferred for it, in a real Chromium over HTTP with an empty cache."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import threading
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from catalog.site.serve import open_server

QUERIES = (
    "delete",
    "cancel job",
    "refund payment",
    "list",
    "harbour",
    "revoke level:critical",
    "search category:read dashboard",
)
# From the question to the first hit in the page; the page itself, its style sheet and scripts are there already.
ASK = """
const [query, done] = arguments, began = performance.now(), box = document.getElementById("q");
new MutationObserver((_, observer) => {
  if (!document.querySelector("#found a")) return;
  observer.disconnect();
  const loaded = performance.getEntriesByType("resource").filter(one => one.name.includes("/data/search/"));
  done([performance.now() - began, loaded.reduce((sum, one) => sum + one.decodedBodySize, 0)]);
}).observe(document.getElementById("found"), {childList: true, subtree: true});
box.value = query;
box.dispatchEvent(new Event("input"));
"""


def first_hits(site: Path) -> dict[str, Any]:
    """Milliseconds (median and worst) and bytes (worst) over the queries; nothing without a Chromium."""
    binary, helper = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or helper is None:
        return {}
    with tempfile.TemporaryDirectory() as profile, open_server(site, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        driver = _driver(binary, helper, profile)
        try:
            address = f"http://127.0.0.1:{server.server_address[1]}/index.html"
            asked = [_ask(driver, address, query) for query in QUERIES]
        finally:
            driver.quit()
            server.shutdown()
            thread.join()
    times = [took for took, _ in asked]
    return {
        "first hit, ms (median, worst of seven questions)": f"{statistics.median(times):.0f}, {max(times):.0f}",
        "transferred before it, kB (worst)": round(max(size for _, size in asked) / 1000),
    }


def _driver(binary: str, helper: str, profile: str) -> webdriver.Chrome:
    options = Options()
    options.binary_location = binary
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(helper))


def _ask(driver: webdriver.Chrome, address: str, query: str) -> tuple[float, int]:
    driver.get("about:blank")
    driver.get(address)
    took, size = json.loads(json.dumps(driver.execute_async_script(ASK, query)))
    return float(took), int(size)
