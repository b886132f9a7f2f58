"""The page in a real browser: it draws, sorts, unfolds, turns dark, asks nobody, and is accessible."""

import os
import shutil

import pytest

from slingshot.files import cache_folder

AXE = "axe-core-*.min.js"
SERIOUS = ("serious", "critical")


def missing(what):
    """Skip for want of a tool, which scripts/browser.sh gets; in CI that is a failure."""
    message = f"{what} is not here: run scripts/browser.sh"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, file):
    """Open the page; at the end there must have been no complaint, and no request but for the page itself."""
    complaints, requests, contexts = [], [], []

    def open_page(**how):
        context = browser.new_context(**how)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert {url.partition("#")[0] for url in requests} <= {file.as_uri()}


def column(table, number):
    return table.locator(f"tbody tr > :nth-child({number})").all_inner_texts()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_drawn_and_nothing_is_wider_than_the_screen(width, scheme, opened, tmp_path):
    tab = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    boxes = [chart.bounding_box() for chart in tab.locator("figure svg").all()]
    assert len(boxes) == 3
    assert all(box["width"] > 250 and box["height"] > 150 for box in boxes)
    tab.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true })")
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    tab.screenshot(path=tmp_path / f"{width}-{scheme}.png")


def test_a_heading_sorts_its_table_by_value_and_a_second_click_turns_it_round(opened):
    tab = opened()
    table = tab.locator("table", has_text="test cases by model")
    heading = table.locator("thead th").nth(3)
    heading.get_by_role("button").click()
    scores = [float(cell.split(",")[0]) for cell in column(table, 4) if cell != "–"]
    assert scores == sorted(scores, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"
    heading.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    again = [float(cell.split(",")[0]) for cell in column(table, 4) if cell != "–"]
    assert again == sorted(scores)
    table.locator("thead th").first.get_by_role("button").click()
    assert column(table, 1)[:3] == ["new_0", "new_1", "new_2"]
    assert table.locator("thead th[aria-sort]").count() == 1


def test_a_score_unfolds_to_its_answers_with_the_keyboard(opened):
    tab = opened()
    link = (
        tab.locator("table", has_text="test cases by model")
        .locator("tbody tr", has_text="seen_0")
        .locator("a")
        .nth(1)
    )
    answers = tab.locator(link.get_attribute("href"))
    assert not answers.is_visible()
    link.focus()
    tab.keyboard.press("Enter")
    answers.wait_for(state="visible")
    assert answers.locator("article").count() == 3
    assert answers.locator("mark").first.is_visible()
    assert tab.evaluate("document.activeElement.id") == answers.get_attribute("id")
    answers.get_by_role("link", name="InJulia").first.click()
    asked = tab.locator(f"#{tab.url.rpartition('#')[2]}")
    asked.wait_for(state="visible")
    assert "please" in asked.inner_text() or "Be helpful." in asked.inner_text()


def test_a_page_opened_at_an_answer_shows_it(opened, file):
    tab = opened()
    tab.goto(f"{file.as_uri()}#m0-seen")
    tab.locator("#m0-seen").wait_for(state="visible")


def test_without_scripts_all_can_be_read_and_unfolded(opened):
    tab = opened(java_script_enabled=False)
    assert tab.locator("button").count() == 0
    link = tab.locator("a[href^='#m1-t']").first
    link.click()
    tab.locator(link.get_attribute("href")).wait_for(state="visible")


def test_dark_follows_the_system_until_the_button_says_otherwise(opened):
    tab = opened(color_scheme="light")

    def ground():
        return tab.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground()
    tab.emulate_media(color_scheme="dark")
    dark = ground()
    assert light == "rgb(255, 255, 255)" != dark
    tab.get_by_role("button", name="Light").click()
    assert ground() == light
    tab.get_by_role("button", name="Dark").click()
    assert ground() == dark
    tab.emulate_media(media="print", color_scheme="dark")
    assert ground() == light


def test_on_paper_only_what_is_unfolded_is_there(opened):
    tab = opened()
    tab.locator("a[href='#m1-t8']").first.click()
    tab.emulate_media(media="print")
    visible = "[...document.querySelectorAll('article')].filter(one => one.checkVisibility()).length"
    assert tab.evaluate(visible) == tab.locator("#m1-t8 article").count() > 0
    assert not tab.get_by_role("navigation").is_visible()


@pytest.mark.parametrize(("scheme", "rules"), [("light", "{}"), ("dark", "{runOnly: 'color-contrast'}")])
def test_axe_finds_nothing_serious(scheme, rules, opened):
    axe = next(cache_folder().glob(AXE), None) or missing("axe-core")
    tab = opened(color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 900})
    tab.locator("a[href='#m1-t8']").first.click()  # answers with marks, messages
    tab.add_script_tag(content=axe.read_text(encoding="utf-8"))
    found = tab.evaluate(f"axe.run({rules}).then(found => found.violations)")
    serious = [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in SERIOUS
    ]
    assert serious == []
