"""A shared report in a browser, from disk and without a network: it is alive, and its policy is never broken."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pypdf import PdfReader
from spectral_widgets.charts import esd_rows
from spectral_widgets.findings import ReportDocument
from spectral_widgets.findings.plain import one_line

HEIGHT = 1000


@pytest.fixture(scope="module")
def address(shared_report, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    ReportDocument(shared_report).save(path)
    return path.as_uri()


def contexts(chrome: Browser, **options) -> Iterator[BrowserContext]:
    """A context without a network, which fails on any request, console message or broken policy."""
    context = chrome.new_context(viewport={"width": 1280, "height": HEIGHT}, offline=True, **options)
    wrong: list[str] = []
    context.on("request", lambda one: wrong.append(one.url) if not one.url.startswith(("file:", "data:")) else None)
    context.on("console", lambda one: wrong.append(one.text))
    context.on("weberror", lambda one: wrong.append(str(one.error)))
    try:
        yield context
        assert wrong == []
    finally:
        context.close()


@pytest.fixture
def page(chrome: Browser, address: str) -> Iterator[Page]:
    for context in contexts(chrome):
        yield opened(context, address)


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(drawn(page)).to_be_visible()
    return page


def drawn(page: Page) -> Locator:
    return page.locator(".layer.chosen .live-spectrum .sw-chart-place > div:not(.sw-chart-fresh) svg.marks")


def labels(page: Page) -> list[str]:
    return page.locator(".layer.chosen .live-spectrum svg.marks .role-axis-label text").all_text_contents()


def test_layers_axes_heights_and_zoom(page: Page, shared_report):
    expect(page.locator(".layer.chosen h3").first).to_have_text("0.weight")
    expect(page.locator(".layer:visible")).to_have_count(1)
    first = labels(page)
    page.get_by_role("group", name="λ axis").get_by_text("linear", exact=True).click()
    expect(drawn(page)).to_be_visible()
    page.wait_for_function(
        "(before) => document.querySelector('.layer.chosen .role-axis-label').textContent !== before", arg=first[0]
    )
    expect(page.locator(".live-spectrum svg.marks").get_by_text("density per unit λ", exact=True)).to_be_visible()
    page.get_by_role("group", name="Bars show").get_by_text("count", exact=True).click()
    expect(page.locator(".live-spectrum svg.marks").get_by_text("eigenvalues per bin")).to_be_visible()
    status = page.locator("main > [role=status]")
    page.get_by_role("button", name="Zoom in").click()
    expect(status).to_have_text(re.compile("^Eigenvalues from"))
    page.get_by_role("button", name="Show the whole spectrum").click()
    expect(status).to_have_text("The whole spectrum.")
    box = drawn(page).bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 160, steps=4)
    expect(page.locator(".brush")).to_be_visible()
    page.mouse.up()
    expect(status).to_have_text(re.compile("^Eigenvalues from"))
    low, high = map(float, re.findall(r"[\d.]+(?:e-?\d+)?", status.text_content().rstrip("."))[:2])
    layer = shared_report.layers[0]
    rows = esd_rows(layer.spectrum, layer.null, layer.tail, layer.scan, x_scale="linear")
    end = rows["note"][0]["eigenvalue"]
    assert 0.24 * end < low < 0.3 * end
    assert 0.44 * end < high < 0.5 * end
    expect(page.get_by_role("button", name="Show the whole spectrum")).to_be_enabled()
    drawn(page).dblclick(position={"x": 300, "y": 150})
    expect(status).to_have_text("The whole spectrum.")
    page.get_by_label("Layer", exact=True).select_option("2.weight")
    expect(page.locator(".layer.chosen h3").first).to_have_text("2.weight")
    assert page.url.endswith("#layer-3")


def test_marks_tell_what_they_are_and_traps_lead_to_their_tests(page: Page, shared_report):
    mark = drawn(page).locator(".mark-symbol.role-mark path[fill='#D6277E']").first
    bars = drawn(page).locator(".mark-rect.role-mark path")
    bars.nth(bars.count() // 2).hover()
    expect(page.get_by_role("tooltip")).to_contain_text("eigenvalues")
    mark.click()
    block = page.locator(".layer.chosen .trap:visible")
    expect(block).to_have_count(1)
    trap = shared_report.layers[0].first_traps[0]
    expect(block).to_contain_text(one_line(shared_report.layers[0].explanations[0]))
    expect(block.locator(".culprits tbody tr")).to_have_count(len(trap.culprits))
    expect(block.locator(".verdict")).to_have_text(shared_report.ablations[0].verdict.word)
    expect(block.locator(".ablation svg.marks")).to_be_visible()
    expect(block.locator("figure.still")).to_be_hidden()


def test_the_table_sorts_filters_and_chooses(page: Page):
    names = page.locator("table.layers tbody tr a")
    page.get_by_role("button", name=re.compile("^traps")).click()
    expect(names.last).to_have_text("1.weight")
    page.get_by_label("Filter").fill("2.w")
    expect(names).to_have_text(["2.weight"])
    page.get_by_role("row", name=re.compile("2.weight")).get_by_text("linear").click()
    expect(page.locator(".layer.chosen h3").first).to_have_text("2.weight")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("smallest", re.IGNORECASE)).check()
    expect(page.locator("th[data-key=condition_number]")).to_be_visible()


def test_the_keyboard_alone_reaches_a_layer_and_its_trap(page: Page):
    page.get_by_label("Layer", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".layer.chosen h3").first).to_have_text("1.weight")
    page.get_by_role("button", name="Next ›").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main > [role=status]")).to_contain_text("Layer 2.weight. Spectrum of 2.weight.")
    page.locator(".layer.chosen a[data-trap]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".layer.chosen .trap.chosen")).to_be_in_viewport()


def test_light_dark_and_copied_code(page: Page, shared_report):
    white, before = "rgb(255, 255, 255)", drawn(page).locator(".role-axis-label text").first.get_attribute("fill")
    expect(page.locator("body")).to_have_css("background-color", white)
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("body")).not_to_have_css("background-color", white)
    expect(drawn(page).locator(".role-axis-label text").first).not_to_have_attribute("fill", before)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#about [data-action=copy]").click()
    expect(page.locator("#about [data-action=copy]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == shared_report.code


def test_nothing_is_wider_than_a_telephone(page: Page):
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    page.wait_for_function("document.querySelector('.live-spectrum svg').getBoundingClientRect().width < 390")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_on_paper_every_layer_stands_with_its_picture_and_none_is_cut(page: Page, shared_report):
    page.get_by_role("button", name="Light or dark").click()
    read = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = [" ".join(one.extract_text().split()) for one in read.pages]
    whole = " ".join(text)
    assert len(read.pages) >= 2 + len(shared_report.layers)
    order = [
        whole.index(words)
        for words in ("Findings", "Layers", "Layer 1 ·", "Layer 2 ·", "Layer 3 ·", "About this report")
    ]
    assert order == sorted(order)
    for one in shared_report.layers:
        assert one.digest[:12] in whole
    assert shared_report.ablations[0].verdict.word in whole
    assert "Light or dark" not in whole
    page.emulate_media(media="print")
    stills = page.locator("figure.still")
    for at in range(stills.count()):
        expect(stills.nth(at)).to_be_visible()
        assert stills.nth(at).evaluate("one => getComputedStyle(one).breakInside") == "avoid"
        assert stills.nth(at).bounding_box()["height"] < 600


def test_without_scripts_it_is_read_from_top_to_bottom(chrome: Browser, address: str, shared_report):
    for context in contexts(chrome, java_script_enabled=False, color_scheme="dark"):
        page = context.new_page()
        page.goto(address)
        expect(page.locator(".layer:visible")).to_have_count(len(shared_report.layers))
        expect(page.locator("figure img:visible")).to_have_count(
            len(shared_report.layers) + len(shared_report.ablations) + 1
        )
        expect(page.locator("button")).to_have_count(0)
        page.locator("a[href='#trap-1-0-0']").click()
        expect(page.locator("#trap-1-0-0")).to_be_in_viewport()


def test_an_address_leads_to_a_trap(chrome: Browser, address: str):
    for context in contexts(chrome):
        page = opened(context, f"{address}#trap-3-0-0")
        expect(page.locator(".layer.chosen")).to_have_attribute("id", "layer-3")
        expect(page.locator("#trap-3-0-0")).to_be_in_viewport()
        assert Path(page.url.split("#")[0].removeprefix("file://")).stat().st_size < 2_000_000
