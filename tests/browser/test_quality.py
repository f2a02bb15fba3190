"""Beside what a page says: valid HTML, any width, paper, no script, and tabs by keyboard (site.md, "Quality")."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser

TOOL, SERVER = "tools/harbour/cancel_job.html", "tools/harbour/index.html"
WIDTHS = (320, 360, 600, 768, 1024, 1920, 2560, 3840)
PAGES = (
    "index.html", "tools/index.html", SERVER, TOOL, "risk/critical.html", "category/read.html", "attacks/index.html", "attacks/rug-pull.html",
    "rules/cancel-job.html", "disagreements.html", "coverage.html", "methodology.html", "changes/index.html", "data/index.html", "builder.html",
)  # fmt: skip
STACKED = ("tools/index.html", SERVER, "risk/critical.html", "coverage.html")  # whose tables become stacks
# The recommended rules of html-validate, apart from: a search is sent by Enter (WCAG wants no button for that), a page
# is called after a tool whose name may be long, and HTML's own list of elements that may have a name is wider.
RULES = {
    "extends": ["html-validate:recommended"],
    "rules": {
        "doctype-style": ["error", {"style": "lowercase"}],
        "wcag/h32": "off",
        "long-title": "off",
        "aria-label-misuse": ["error", {"allowAnyNamable": True}],
    },
}


def test_every_page_is_valid_html(site: Path, html_validate: list[str], tmp_path: Path) -> None:
    """One page of each kind, and every page about one server."""
    config = tmp_path / "rules.json"
    config.write_text(json.dumps(RULES))
    chosen = {
        *(site / page for page in PAGES),
        *(site / "tools/harbour").glob("*.html"),
        *(site / "attacks").glob("*.html"),
    }
    files = sorted(str(path) for path in chosen if path.is_file())
    assert len(files) > len(PAGES)
    done = subprocess.run(
        [*html_validate, "--config", str(config), *files],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]


@pytest.mark.parametrize("page", PAGES)
def test_no_width_scrolls_sideways(browser, served: str, page: str) -> None:
    for width in WIDTHS:
        browser.look(f"{served}/{page}", width)
        assert browser.run("return document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("page", STACKED)
def test_a_list_is_a_stack_on_a_narrow_screen(browser, served: str, page: str) -> None:
    """Nothing of a list of tools or servers has to be looked for at the side."""
    browser.look(f"{served}/{page}", 360)
    boxes = browser.run(
        "return [...document.querySelectorAll('.scroll:has(.list)')].map(box => [box.scrollWidth, box.clientWidth])"
    )
    assert boxes
    assert all(wide <= room for wide, room in boxes)
    tops = browser.run("""
        const row = document.querySelector(".list tbody tr");
        return [...row.children].filter(cell => cell.tagName === "TH").map(cell => cell.getBoundingClientRect().top - row.getBoundingClientRect().top);
    """)
    assert tops[0] < 20  # the name comes first


@pytest.fixture
def scriptless(browser) -> Iterator[None]:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("page", [TOOL, SERVER])
def test_tabs_work_by_keyboard_and_without_script(browser, served: str, scriptless: None, page: str) -> None:
    browser.look(f"{served}/{page}")
    tabs = browser.driver.find_elements(By.CSS_SELECTOR, ".tabs > input")
    panels = browser.driver.find_elements(By.CSS_SELECTOR, ".tabs > .panel")
    assert [panel.is_displayed() for panel in panels] == [True, False]
    assert '"version": "1"' in panels[0].text
    tabs[0].send_keys(Keys.ARROW_RIGHT)
    assert [panel.is_displayed() for panel in panels] == [False, True]
    assert '"version": "2"' in panels[1].text
    assert browser.driver.switch_to.active_element == tabs[1]
    browser.driver.find_element(By.CSS_SELECTOR, ".tabs > label").click()
    assert [panel.is_displayed() for panel in panels] == [True, False]


def test_a_question_opens_by_keyboard_and_without_script(browser, served: str, scriptless: None) -> None:
    browser.look(f"{served}/{TOOL}")
    last = browser.driver.find_elements(By.CSS_SELECTOR, "#questions details")[-1]
    answer = last.find_element(By.CSS_SELECTOR, "p")
    assert not answer.is_displayed()
    last.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert answer.is_displayed()


@pytest.mark.parametrize("page", [page for page in PAGES if page != "builder.html"])
def test_without_script_no_control_is_shown_that_would_do_nothing(
    browser, served: str, scriptless: None, page: str
) -> None:
    """Search goes to the first page, which says what it needs; filters and copy buttons are not there at all."""
    browser.look(f"{served}/{page}")
    dead = [
        one
        for one in browser.driver.find_elements(By.CSS_SELECTOR, "button, .filter, select")
        if one.is_displayed()
    ]
    assert not dead
    heading = browser.driver.find_element(By.TAG_NAME, "h1")
    assert heading.is_displayed()
    assert heading.text


def test_both_policies_are_valid_downloads_and_can_be_copied(browser, served: str) -> None:
    """The address of the download holds the document that is shown."""
    browser.look(f"{served}/{TOOL}")
    pairs = browser.driver.execute_async_script("""
        const done = arguments[0], figures = [...document.querySelectorAll("#control figure")];
        done(figures.map(one => [decodeURIComponent(one.querySelector("a").href.split(",").slice(1).join(",")), one.querySelector("pre").textContent]));
    """)
    assert len(pairs) == 2
    for saved, shown in pairs:
        assert json.loads(saved) == json.loads(shown)
        assert saved.replace("\t", "  ") == shown


def test_on_paper_everything_is_open_and_nothing_is_dead(browser, served: str) -> None:
    browser.look(f"{served}/{TOOL}")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        panels = browser.driver.find_elements(By.CSS_SELECTOR, ".tabs > .panel")
        assert all(panel.is_displayed() for panel in panels)
        assert not browser.driver.find_element(By.CSS_SELECTOR, ".top nav").is_displayed()
        assert not [one for one in browser.driver.find_elements(By.TAG_NAME, "button") if one.is_displayed()]
        wide = browser.run(
            "return [...document.querySelectorAll('pre')].filter(pre => pre.scrollWidth > pre.clientWidth).length"
        )
        assert wide == 0
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
