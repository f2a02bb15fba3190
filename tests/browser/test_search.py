"""The search in a real browser: words, filters kept in the address, keyboard, from disk and over HTTP (site.md, "Search")."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

pytestmark = pytest.mark.browser


def answered(browser) -> str:
    """The line above the hits, once all hits of the last question stand there."""
    return WebDriverWait(browser.driver, 30, poll_frequency=0.05).until(
        lambda driver: (
            driver.execute_script("return document.querySelector('#found p')?.textContent") or False
        )
    )


def ask(browser, base: str, query: str) -> list[tuple[str, str]]:
    """Name and address of the hits that are shown."""
    browser.look(f"{base}/index.html?q={query}")
    answered(browser)
    WebDriverWait(browser.driver, 30, poll_frequency=0.05).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "#found li, #found p:only-child")
    )
    links = browser.driver.find_elements(By.CSS_SELECTOR, "#found li a")
    return [(link.text, link.get_attribute("href")) for link in links]


@pytest.mark.parametrize("origin", ["disk", "http"])
def test_a_tool_a_server_and_a_word_of_a_text_are_found(
    browser, site: Path, served: str, origin: str
) -> None:
    base = site.as_uri() if origin == "disk" else served
    twins = [
        json.loads(path.read_text())
        for path in sorted(site.glob("tools/harbour/*.json"))
        if path.name not in ("index.json", "policy.json")
    ]
    names = [name for name, _ in ask(browser, base, twins[0]["name"])]
    assert names[0].lower().replace("_", "") == twins[0]["name"].lower().replace("_", "")
    name, where = ask(browser, base, "harbour")[0]
    assert (name, where) == ("harbour", f"{base}/tools/harbour/index.html")
    assert ask(browser, base, "server:harbour workspace"), "the generated texts speak of workspaces"
    assert browser.console() == []


def test_every_word_narrows_the_hits_down_and_letters_are_enough(browser, served: str) -> None:
    one = int(ask(browser, served, "delete") and answered(browser).split()[0].replace(",", ""))
    both = ask(browser, served, "delete+invo")
    assert 0 < int(answered(browser).split()[0]) < one
    assert all("invo" in name.lower() and "delete" in name.lower() for name, _ in both[:1])


def test_names_come_before_texts_and_short_names_before_long_ones(browser, served: str) -> None:
    names = [name for name, _ in ask(browser, served, "image")]
    holding = ["image" in name.lower() for name in names]
    assert holding == sorted(holding, reverse=True)


def test_the_menus_write_into_the_field_and_the_address(browser, served: str) -> None:
    ask(browser, served, "list")
    Select(browser.driver.find_element(By.NAME, "level")).select_by_visible_text("Low")
    WebDriverWait(browser.driver, 30, poll_frequency=0.05).until(
        lambda driver: "level%3Alow" in driver.current_url
    )
    assert parse_qs(urlsplit(browser.driver.current_url).query)["q"] == ["list level:low"]
    browser.look(browser.driver.current_url)
    answered(browser)
    assert browser.driver.find_element(By.ID, "q").get_attribute("value") == "list level:low"
    assert Select(browser.driver.find_element(By.NAME, "level")).first_selected_option.text == "Low"


def test_more_hits_are_a_button_away_and_none_is_left_out(browser, served: str) -> None:
    total = len(ask(browser, served, "category:read"))
    assert total == 20
    browser.driver.find_element(By.CSS_SELECTOR, "#found button").click()
    WebDriverWait(browser.driver, 30, poll_frequency=0.05).until(
        lambda driver: len(driver.find_elements(By.CSS_SELECTOR, "#found li")) == 40
    )


def test_arrows_walk_through_the_hits_and_escape_leads_back(browser, served: str) -> None:
    hits = ask(browser, served, "cancel")
    box = browser.driver.find_element(By.ID, "q")
    box.send_keys(Keys.ARROW_DOWN)
    assert browser.driver.switch_to.active_element.get_attribute("href") == hits[0][1]
    browser.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert browser.driver.switch_to.active_element.get_attribute("href") == hits[1][1]
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert browser.driver.switch_to.active_element.get_attribute("id") == "q"


def test_what_is_not_there_is_said_so(browser, served: str) -> None:
    assert ask(browser, served, "zzzxq") == []
    assert answered(browser) == "Nothing has these words."


def test_little_is_loaded_for_the_first_hits(browser, served: str) -> None:
    """One file of words and the entries of the hits, not all of them."""
    ask(browser, served, "refund+invoice")
    loaded = [url for url, _ in browser.requests() if "/data/search/" in url]
    kinds = [urlsplit(url).path.rpartition("/")[2][0] for url in loaded]
    assert kinds.count("i") == 1
    assert kinds.count("w") <= 3
    assert "f" not in kinds
