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
    assert len(named) > 3
    for path in named:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/static/js/api.js", "text/javascript; charset=utf-8"),
        ("/static/css/tokens.css", "text/css; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_static_files_have_media_type(client, path, media_type):
    assert client.get(path).headers["Content-Type"] == media_type


@pytest.mark.parametrize("path", ["/", "/static/js/api.js"])
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
