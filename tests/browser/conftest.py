"""A real Chromium, a site to open in it, and axe-core; each is skipped with its reason where it is missing."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from catalog.site.build import BuildOptions, build
from catalog.site.serve import open_server
from classifier.classify import Classifier
from tests.npm import from_npm

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


@dataclass
class Browser:
    """A driver, and what it has to say about the page it shows."""

    driver: webdriver.Chrome

    def look(self, url: str, width: int = 1280, scheme: str = "light") -> None:
        """Open an address at this width and colour scheme; forget what earlier pages logged."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.console()
        self.requests()
        self.driver.get(url)

    def console(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[tuple[str, int]]:
        """Address and status of all that was asked for since the last look; -1 is a failure."""
        asked: dict[str, tuple[str, int]] = {}
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            values = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                asked[values["requestId"]] = (values["request"]["url"], 0)
            elif message["method"] == "Network.responseReceived":
                asked[values["requestId"]] = (values["response"]["url"], values["response"]["status"])
            elif message["method"] == "Network.loadingFailed" and values["requestId"] in asked:
                asked[values["requestId"]] = (asked[values["requestId"]][0], -1)
        return list(asked.values())

    def run(self, script: str, *arguments: object) -> object:
        return self.driver.execute_script(script, *arguments)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    binary = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    helper = shutil.which("chromedriver")
    if binary is None or helper is None:
        pytest.skip("no Chromium with its chromedriver on this machine")
    options = Options()
    options.binary_location = binary
    profile = tempfile.mkdtemp()
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        driver = webdriver.Chrome(options=options, service=Service(helper))
    except WebDriverException as error:
        pytest.skip(f"Chromium does not start: {error.msg}")
    yield Browser(driver)
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


def import_material(name: str, path: Path) -> ModuleType:
    """A module of test material; tests have no packages of their own."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="session")
def bench() -> ModuleType:
    """The servers that the policy builder is tried on."""
    return import_material("builder_site", Path(__file__).parent / "builder_site.py")


@pytest.fixture(scope="session")
def bench_site(bench: ModuleType, classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site with a real server and a shop."""
    generated = import_material(
        "builder_generated", Path(__file__).parent.parent / "catalog/site/generated.py"
    )
    entries = (
        bench.entry(generated, classifier, bench.REAL, bench.real_definitions()),
        bench.entry(generated, classifier, "shop", bench.shop_definitions()),
        generated.server("loom-9", 90, seed=9),
    )
    out = tmp_path_factory.mktemp("bench") / "site"
    build(generated.Listed(entries), out, BuildOptions(), lambda done, total: None)
    return out


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with enough tools on one server for its filter, and enough Read tools for a second page."""
    path = Path(__file__).parent.parent / "catalog/site/generated.py"
    spec = importlib.util.spec_from_file_location("browser_generated", path)
    assert spec is not None
    assert spec.loader is not None
    generated = importlib.util.module_from_spec(spec)
    sys.modules["browser_generated"] = generated
    spec.loader.exec_module(generated)
    entries = [
        *generated.catalogue().entries,
        *(generated.server(f"loom-{number}", 100, seed=number) for number in range(6)),
    ]
    out = tmp_path_factory.mktemp("browsed") / "site"
    build(generated.Listed(tuple(entries)), out, BuildOptions(), lambda done, total: None)
    return out


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address of the site over HTTP, without the last slash."""
    with open_server(site, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The script of axe-core."""
    return (from_npm(pytestconfig, "axe-core@4") / "node_modules/axe-core/axe.min.js").read_text(
        encoding="utf-8"
    )


@pytest.fixture(scope="session")
def html_validate(pytestconfig: pytest.Config) -> list[str]:
    """The command that validates HTML; version 9 is the last for the Node.js of Debian's stable release."""
    node = shutil.which("node")
    home = from_npm(pytestconfig, "html-validate@9")
    assert node is not None
    return [node, str(home / "node_modules/html-validate/bin/html-validate.mjs")]
