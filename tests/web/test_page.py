"""The page's own files: right types, fresh when they change, nothing beside them."""

import re

import pytest


def test_the_page_is_html(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>mien</title>" in answer.text


def test_all_that_the_page_names_is_there(client):
    named = re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/").text)
    assert {"/static/js/page.js", "/static/css/page.css"} <= set(named)
    for path in named:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/static/js/api.js", "text/javascript; charset=utf-8"),
        ("/static/js/page.js", "text/javascript; charset=utf-8"),
        ("/static/css/page.css", "text/css; charset=utf-8"),
        ("/static/css/tokens.css", "text/css; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_static_files_have_media_type(client, path, media_type):
    assert client.get(path).headers["Content-Type"] == media_type


@pytest.mark.parametrize("path", ["/", "/static/js/page.js", "/static/css/page.css", "/static/js/api.js"])
def test_what_the_page_needs_is_compressed_if_the_browser_takes_that(client, path):
    answers = [client.get(path, headers={"Accept-Encoding": encoding}) for encoding in ("gzip, br", "identity")]
    assert [answer.headers.get("Content-Encoding") for answer in answers] == ["gzip", None]
    assert answers[0].text == answers[1].text
    assert int(answers[0].headers["Content-Length"]) < len(answers[1].content) / 2


def test_the_page_takes_few_requests_and_less_than_90_kb(client):
    paths = ["/", *re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/").text)]
    assert len(set(paths)) <= 5
    sizes = [
        int(client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Length"]) for path in set(paths)
    ]
    assert sum(sizes) < 90_000


@pytest.mark.parametrize("path", ["/", "/static/js/page.js", "/static/js/api.js"])
def test_a_file_that_has_not_changed_is_not_sent_again(client, path):
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/js/",
        "/static/nothing.js",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fconfig.py",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/js%00.js",
        "/static/" + "a" * 5000,
        "/app.py",
        "/index.html",
    ],
)
def test_nothing_else_is_there(client, path):
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is nothing at this address."


def test_no_type_of_the_page_is_left_unchecked(repository):
    scripts = list((repository / "src/mien/web/static/js").rglob("*.js"))
    assert len(scripts) > 40
    unchecked = re.compile(r"@ts-|\{any\b|<any\b|\bany[>}\[]|, any\b")
    assert [path.name for path in scripts if unchecked.search(path.read_text(encoding="utf-8"))] == []
