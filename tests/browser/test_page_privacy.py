"""The page talks to its own server and to nobody else, and its strict policy lets it do all that it does."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.acts import camera_flags, turn_on_camera, wait_for_expression, wait_for_music

FOREIGN = re.compile(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.IGNORECASE)
NAMESPACES = ("http://www.w3.org/2000/svg",)


def test_no_file_of_the_page_names_another_server(repository: Path):
    files = [path for path in (repository / "src/mien/web/static").rglob("*") if path.is_file()]
    assert len(files) > 30
    for path in files:
        text = path.read_text(encoding="utf-8")
        for namespace in NAMESPACES:
            text = text.replace(namespace, "")
        assert FOREIGN.search(text) is None, path


def test_html_has_no_inline_script_and_no_inline_style(repository: Path):
    html = (repository / "src/mien/web/static/index.html").read_text(encoding="utf-8")
    assert re.search(r"<script(?![^>]*\bsrc=)", html) is None
    assert re.search(r"<style|\sstyle=|\son\w+=", html) is None


def test_the_page_contacts_only_its_own_server(open_page, server, smiling_film):
    page = open_page(*camera_flags(smiling_film))
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.reload()
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    wait_for_music(page)
    page.get_by_role("button", name="Next").click()
    wait_for_music(page)
    assert {"index", "live-client.js", "icon.svg", "station", "audio"} <= {
        Path(url.split("?")[0].split("#")[0]).name if url != server.url else "index" for url in asked
    }
    assert [url for url in asked if not url.startswith((server.url, "data:"))] == []


def test_an_injected_script_does_not_run(open_page):
    page = open_page(complains=True)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.smuggled = true\">')")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.smuggled = true";
            document.body.append(script);
        }"""
    )
    expect(page.locator("body > img")).to_have_count(1)
    page.wait_for_function("() => document.querySelector('body > img').complete")
    assert page.evaluate("window.smuggled") is None


def test_titles_are_text_even_if_they_look_like_markup(open_page, server):
    page = open_page(complains=True)

    def answer(route):
        station = route.fetch().json()
        station["picks"][1]["track"]["title"] = "<b id=bold>Bold</b>"
        route.fulfill(json=station)

    page.route("**/api/v1/station", answer)
    page.reload()
    expect(page.locator(".queue-title").first).to_have_text("<b id=bold>Bold</b>")
    assert page.locator("#bold").count() == 0
