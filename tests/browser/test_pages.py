"""Each page type in a real browser: from disk and over HTTP, light and dark, narrow and wide (site.md, "Quality")."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser

PAGES = (
    "index.html", "tools/index.html", "tools/harbour/index.html", "tools/harbour/cancel_job.html", "tools/ledger/deploy_data.html",
    "risk/index.html", "risk/critical.html", "category/index.html", "category/read.html", "coverage.html", "methodology.html", "404.html",
    "attacks/index.html", "attacks/rug-pull.html", "attacks/credential-leak-through-errors.html", "rules/index.html", "rules/cancel-job.html",
    "rules/bulk-change.html", "disagreements.html", "builder.html",
)  # fmt: skip
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
# A colour behind text that stands on a picture cannot be judged; every other rule of WCAG 2.2 A and AA can.
AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(result => done(result.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).slice(0, 3)}`)));
"""


def address(origin: str, site: Path, served: str) -> str:
    return site.as_uri() if origin == "disk" else served


@pytest.mark.parametrize("origin", ["disk", "http"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_quiet_and_fits(browser, site: Path, served: str, page: str, origin: str) -> None:
    base = address(origin, site, served)
    for width, scheme in LOOKS:
        browser.look(f"{base}/{page}", width, scheme)
        assert browser.run("return document.documentElement.scrollWidth") <= width, (width, scheme)
        assert browser.run("return getComputedStyle(document.body).fontFamily") != ""
        assert browser.console() == [], (width, scheme)
        for url, status in browser.requests():
            assert url.startswith((base, "data:")), url
            assert status in (0, 200), (url, status)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(browser, served: str, axe: str, page: str, scheme: str) -> None:
    browser.look(f"{served}/{page}", 360 if scheme == "dark" else 1280, scheme)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    browser.run(axe)
    assert browser.driver.execute_async_script(AXE) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_placeholder_of_the_search_is_not_cut(browser, served: str, width: int) -> None:
    browser.look(f"{served}/index.html", width)
    room, needed = browser.run("""
        const field = document.getElementById("q"), look = getComputedStyle(field);
        const pen = document.createElement("canvas").getContext("2d");
        pen.font = look.font;
        const room = field.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
        return [room, pen.measureText(field.placeholder).width];
    """)
    assert needed <= room


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("page", ["index.html", "tools/harbour/cancel_job.html"])
def test_a_name_beside_a_badge_never_wraps_under_it(browser, served: str, page: str, width: int) -> None:
    browser.look(f"{served}/{page}", width)
    browser.run(
        "for (const one of document.querySelectorAll('.tools li > span:last-child')) one.textContent = 'a-long-name-'.repeat(9)"
    )
    under = browser.run("""
        return [...document.querySelectorAll(".tools li > .lv")].filter(badge => {
          const edge = badge.getBoundingClientRect().right;
          const rest = [...badge.parentElement.children].filter(one => one !== badge);
          return rest.some(one => [...one.getClientRects()].some(box => box.left < edge));
        }).length
    """)
    assert browser.run("return document.querySelectorAll('.tools li > .lv').length") > 0
    assert under == 0


def test_light_and_dark_differ(browser, served: str) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        browser.look(f"{served}/index.html", 1280, scheme)
        colours.add(browser.run("return getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2


def test_a_missing_page_finds_its_style_from_any_depth(browser, served: str) -> None:
    browser.look(f"{served}/tools/nobody/nothing.html")
    assert browser.driver.find_element(By.TAG_NAME, "h1").text == "There is no page here"
    assert all(status == 200 for url, status in browser.requests() if "/assets/" in url)


def wait_for(browser, condition) -> object:
    return WebDriverWait(browser.driver, 30, poll_frequency=0.05).until(lambda driver: condition())


def found(browser) -> list[str]:
    return browser.run("return [...document.querySelectorAll('#found a')].map(a => a.textContent)")


@pytest.mark.parametrize("origin", ["disk", "http"])
def test_search_works_by_keyboard_alone(browser, site: Path, served: str, origin: str) -> None:
    browser.look(f"{address(origin, site, served)}/index.html")
    body = browser.driver.find_element(By.TAG_NAME, "body")
    body.send_keys("/")
    field = browser.driver.switch_to.active_element
    assert field.get_attribute("id") == "q"
    field.send_keys("cancel server:harbour")
    wait_for(browser, lambda: found(browser))
    assert "cancel_job" in found(browser)
    assert "q=cancel+server%3Aharbour" in browser.driver.current_url
    field.send_keys(Keys.ENTER)
    wait_for(
        browser,
        lambda: (
            browser.driver.current_url.endswith(".html")
            and "/tools/harbour/cancel" in browser.driver.current_url
        ),
    )
    assert browser.console() == []


@pytest.mark.parametrize(
    ("query", "level", "category"),
    [("level:critical", "Critical", ""), ("category:financial level:high", "High", "Financial")],
)
def test_filters_of_the_search_hold(browser, served: str, query: str, level: str, category: str) -> None:
    browser.look(f"{served}/index.html?q={query}")
    wait_for(browser, lambda: found(browser))
    levels = browser.run(
        "return [...new Set([...document.querySelectorAll('#found .lv')].map(n => n.textContent))]"
    )
    assert levels == [level]
    first = browser.run("return document.querySelector('#found a').href")
    browser.look(first)
    badges = browser.driver.find_element(By.CLASS_NAME, "badges").text
    assert level in badges
    assert category in badges


def test_slash_on_any_page_leads_to_the_search_and_the_home_page_answers_it(browser, served: str) -> None:
    browser.look(f"{served}/tools/harbour/cancel_job.html")
    browser.driver.find_element(By.TAG_NAME, "body").send_keys("/")
    browser.driver.switch_to.active_element.send_keys("cancel" + Keys.ENTER)
    wait_for(browser, lambda: "index.html?q=cancel" in browser.driver.current_url and found(browser))
    assert any("cancel" in name for name in found(browser))


def test_a_query_is_text_and_never_markup(browser, served: str) -> None:
    browser.look(f"{served}/index.html?q=%3Cimg%20src%3Dx%3E")
    wait_for(browser, lambda: "Nothing has" in browser.driver.find_element(By.ID, "found").text)
    assert browser.console() == []


def test_the_copy_button_copies_the_policy(browser, served: str) -> None:
    browser.look(f"{served}/tools/harbour/cancel_job.html")
    browser.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    button = browser.driver.find_element(By.CSS_SELECTOR, "#control button")
    button.send_keys(Keys.ENTER)
    wait_for(browser, lambda: button.text == "Copied")
    pasted = browser.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], e => arguments[0](String(e)))"
    )
    assert pasted == browser.run("return document.getElementById('policy').textContent")


def test_the_filter_of_a_server_is_kept_in_the_address(browser, served: str) -> None:
    browser.look(f"{served}/tools/harbour/index.html")
    browser.driver.find_element(By.CSS_SELECTOR, ".filter [name=level]").send_keys("High")
    visible = "return [...document.querySelectorAll('#rows tbody tr')].filter(r => !r.hidden).map(r => r.querySelector('.lv').textContent)"
    wait_for(browser, lambda: set(browser.run(visible)) == {"High"})
    assert "level=High" in browser.driver.current_url
    browser.look(browser.driver.current_url)
    assert set(browser.run(visible)) == {"High"}


def test_without_script_everything_can_be_read(browser, served: str) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.look(f"{served}/tools/harbour/cancel_job.html")
        text = browser.driver.find_element(By.TAG_NAME, "main").text
        assert '"version": "1"' in text
        assert not browser.driver.find_element(By.CSS_SELECTOR, "#control button").is_displayed()
        browser.driver.find_elements(By.TAG_NAME, "summary")[4].click()
        assert browser.driver.find_element(By.ID, "answer-5").is_displayed()
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
